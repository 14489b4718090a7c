/** Estimates the prompt tokens of requests. */
@NullMarked
package io.caravan.jsonl.tokens;

import org.jspecify.annotations.NullMarked;
