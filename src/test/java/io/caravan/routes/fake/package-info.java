/** Providers, stores and servers that tests run in place of real ones. */
@NullMarked
package io.caravan.routes.fake;

import org.jspecify.annotations.NullMarked;
