/** What models cost. */
@NullMarked
package io.caravan.cost;

import org.jspecify.annotations.NullMarked;
