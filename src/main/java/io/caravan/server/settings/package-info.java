/** The settings of the embedded server and of its upstreams. */
@NullMarked
package io.caravan.server.settings;

import org.jspecify.annotations.NullMarked;
