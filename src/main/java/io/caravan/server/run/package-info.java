/** Runs batches: checks the input, hands requests to backends, writes the result files. */
@NullMarked
package io.caravan.server.run;

import org.jspecify.annotations.NullMarked;
