/** The rows of queued requests, the same for SQLite and PostgreSQL. */
@NullMarked
package io.caravan.queue.store;

import org.jspecify.annotations.NullMarked;
