/** Loads route files at the start, and again when they change. */
@NamedInterface("live")
@NullMarked
package io.caravan.flow.live;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
