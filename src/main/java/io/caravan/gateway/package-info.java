/** Runs batches of the embedded server at other providers, as jobs. */
@NullMarked
package io.caravan.gateway;

import org.jspecify.annotations.NullMarked;
