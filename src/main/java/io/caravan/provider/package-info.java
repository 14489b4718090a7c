/**
 * What Caravan knows of the providers: where they are, what they take, and how their answers read.
 */
@NullMarked
package io.caravan.provider;

import org.jspecify.annotations.NullMarked;
