/** The calls of each dialect: written into messages for the routes, and read from the answers. */
@NullMarked
package io.caravan.flow.dialect;

import org.jspecify.annotations.NullMarked;
