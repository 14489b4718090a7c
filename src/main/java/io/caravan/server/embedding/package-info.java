/** The embedding model that runs in this process. */
@NullMarked
package io.caravan.server.embedding;

import org.jspecify.annotations.NullMarked;
