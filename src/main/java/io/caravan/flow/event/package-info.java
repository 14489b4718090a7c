/** Events by which providers report that a batch has ended: their signatures and their effect. */
@NullMarked
package io.caravan.flow.event;

import org.jspecify.annotations.NullMarked;
