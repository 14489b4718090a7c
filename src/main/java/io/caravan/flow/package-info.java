/** The beans that the routes call: each decides one thing, and the routes connect them. */
@NullMarked
package io.caravan.flow;

import org.jspecify.annotations.NullMarked;
