/** Checks the conventions of the route files. */
@NullMarked
package io.caravan.routes.lint;

import org.jspecify.annotations.NullMarked;
