/** Validates requests line by line and splits files into parts within a provider's limits. */
@NullMarked
@NamedInterface("split")
package io.caravan.jsonl.split;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
