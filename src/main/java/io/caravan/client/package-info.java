/** What each client, which is the name of a key, may use. */
@NullMarked
package io.caravan.client;

import org.jspecify.annotations.NullMarked;
