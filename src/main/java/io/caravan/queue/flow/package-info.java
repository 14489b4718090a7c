/** The steps of queued requests that routes name: add, flush, answer. */
@NullMarked
package io.caravan.queue.flow;

import org.jspecify.annotations.NullMarked;
