/** Drawings of routes: which route calls which, and the endpoints that they read and write. */
@NamedInterface("graph")
@NullMarked
package io.caravan.route.graph;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
