/** Backends that run single requests: the interface shared by upstreams and the embedding model. */
@NullMarked
package io.caravan.server.backend;

import org.jspecify.annotations.NullMarked;
