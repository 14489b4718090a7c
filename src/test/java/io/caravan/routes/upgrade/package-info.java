/** Starts on the data of earlier versions. */
@NullMarked
package io.caravan.routes.upgrade;

import org.jspecify.annotations.NullMarked;
