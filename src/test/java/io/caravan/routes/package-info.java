/** Finds every mistake in the folder {@code routes/}, and carries files along them. */
@NullMarked
package io.caravan.routes;

import org.jspecify.annotations.NullMarked;
