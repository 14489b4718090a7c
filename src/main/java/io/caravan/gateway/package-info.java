/** One endpoint for every provider: batches of the embedded server that others answer, as jobs. */
@NullMarked
package io.caravan.gateway;

import org.jspecify.annotations.NullMarked;
