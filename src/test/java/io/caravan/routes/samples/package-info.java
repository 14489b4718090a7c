/** Tests of the pipelines in {@code samples/}, with real servers. */
@NullMarked
package io.caravan.routes.samples;

import org.jspecify.annotations.NullMarked;
