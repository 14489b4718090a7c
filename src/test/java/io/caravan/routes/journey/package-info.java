/** Files taken through the shipped routes, as users do. */
@NullMarked
package io.caravan.routes.journey;

import org.jspecify.annotations.NullMarked;
