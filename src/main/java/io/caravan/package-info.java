/**
 * Caravan: Camel routes that carry JSONL files of requests through the batch APIs of LLM providers.
 */
@NullMarked
package io.caravan;

import org.jspecify.annotations.NullMarked;
