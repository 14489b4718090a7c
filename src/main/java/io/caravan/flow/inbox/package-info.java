/** Accepts files from folders, buckets and other routes, each once. */
@NullMarked
@NamedInterface("inbox")
package io.caravan.flow.inbox;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
