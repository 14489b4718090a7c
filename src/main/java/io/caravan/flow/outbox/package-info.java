/** Passes results, errors and reports to the outbound routes, and names them. */
@NullMarked
package io.caravan.flow.outbox;

import org.jspecify.annotations.NullMarked;
