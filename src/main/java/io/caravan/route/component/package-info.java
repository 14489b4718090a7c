/** Camel components that routes may use: which are installed, which Camel offers, adding one. */
@NamedInterface
@NullMarked
package io.caravan.route.component;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
