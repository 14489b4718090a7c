/** Route files as text: their YAML nodes with places, routes and steps, and problems. */
@NamedInterface("yaml")
@NullMarked
package io.caravan.route.yaml;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
