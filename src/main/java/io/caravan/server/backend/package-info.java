/** What answers a single request: the interface that the upstream and the embedding model share. */
@NullMarked
package io.caravan.server.backend;

import org.jspecify.annotations.NullMarked;
