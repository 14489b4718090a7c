/** The persistent state: jobs, their parts, the providers' batches, and the store for them. */
@NullMarked
package io.caravan.job;

import org.jspecify.annotations.NullMarked;
