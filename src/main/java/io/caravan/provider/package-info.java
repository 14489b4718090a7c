/** The providers: their settings, their limits, and the translation of requests and answers. */
@NullMarked
package io.caravan.provider;

import org.jspecify.annotations.NullMarked;
