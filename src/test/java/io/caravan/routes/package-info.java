/** Finds every mistake in the folder {@code routes/} without starting the application. */
@NullMarked
package io.caravan.routes;

import org.jspecify.annotations.NullMarked;
