/**
 * What happens when answers come too late: jobs at risk, batches that make no progress, and
 * requests that are sent one by one instead.
 */
@NamedInterface("late")
@NullMarked
package io.caravan.flow.late;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
