/** Queues of single requests that are gathered into jobs: their settings and their words. */
@NullMarked
package io.caravan.queue;

import org.jspecify.annotations.NullMarked;
