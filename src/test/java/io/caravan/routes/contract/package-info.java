/** One contract test for every provider. */
@NullMarked
package io.caravan.routes.contract;

import org.jspecify.annotations.NullMarked;
