/** Backends that run single requests: the interface shared by upstreams and the embedding model. */
@NamedInterface("backend")
@NullMarked
package io.caravan.server.backend;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
