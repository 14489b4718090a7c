/** The prices of models. */
@NullMarked
package io.caravan.cost;

import org.jspecify.annotations.NullMarked;
