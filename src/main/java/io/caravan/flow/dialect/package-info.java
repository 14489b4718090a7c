/** Builds the requests of each provider dialect for the routes, and reads the answers. */
@NullMarked
package io.caravan.flow.dialect;

import org.jspecify.annotations.NullMarked;
