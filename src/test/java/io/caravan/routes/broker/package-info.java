/** Journeys from and to message brokers, which run as processes of their own. */
@NullMarked
package io.caravan.routes.broker;

import org.jspecify.annotations.NullMarked;
