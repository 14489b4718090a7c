/** Takes files in: from folders, buckets and other routes, each once. */
@NullMarked
package io.caravan.flow.inbox;

import org.jspecify.annotations.NullMarked;
