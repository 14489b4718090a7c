/** Checks route files without starting them. */
@NamedInterface("check")
@NullMarked
package io.caravan.route.check;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
