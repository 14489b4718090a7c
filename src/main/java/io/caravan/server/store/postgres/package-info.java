/** The embedded server's store in PostgreSQL, for several replicas. */
@NullMarked
package io.caravan.server.store.postgres;

import org.jspecify.annotations.NullMarked;
