/** The HTTP paths below {@code /batch}: access, requests, jobs, errors. */
@NullMarked
package io.caravan.queue.api;

import org.jspecify.annotations.NullMarked;
