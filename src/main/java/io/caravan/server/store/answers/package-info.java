/** The answers of unfinished batches, which survive the loss of the server that received them. */
@NullMarked
package io.caravan.server.store.answers;

import org.jspecify.annotations.NullMarked;
