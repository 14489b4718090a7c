/** Validates requests line by line and cuts a file into parts that a provider takes. */
@NullMarked
@NamedInterface("split")
package io.caravan.jsonl.split;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
