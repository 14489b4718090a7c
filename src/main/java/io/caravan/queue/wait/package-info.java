/** Connections that wait for requests to end: held calls and streams of events. */
@NullMarked
package io.caravan.queue.wait;

import org.jspecify.annotations.NullMarked;
