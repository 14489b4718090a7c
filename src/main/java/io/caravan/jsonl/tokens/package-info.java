/** Estimates the prompt tokens of requests. */
@NullMarked
@NamedInterface("tokens")
package io.caravan.jsonl.tokens;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
