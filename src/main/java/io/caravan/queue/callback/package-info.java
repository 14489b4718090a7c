/**
 * The rules of callbacks: secrets and signatures, permitted addresses, limits of a call, retries.
 */
@NullMarked
package io.caravan.queue.callback;

import org.jspecify.annotations.NullMarked;
