/** API keys and the limits of clients; a client is the name of an API key. */
@NullMarked
package io.caravan.client;

import org.jspecify.annotations.NullMarked;
