/** Route files: reading and checking them, and changing the routes of a running service. */
@NullMarked
package io.caravan.route;

import org.jspecify.annotations.NullMarked;
