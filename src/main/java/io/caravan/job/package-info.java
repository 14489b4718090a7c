/**
 * What Caravan remembers: jobs, their parts, the provider's batches, and the store that keeps them.
 */
@NullMarked
package io.caravan.job;

import org.jspecify.annotations.NullMarked;
