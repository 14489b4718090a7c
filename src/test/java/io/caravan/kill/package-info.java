/** A Java agent for the packaged application that records every boundary and kills at one. */
@NullMarked
package io.caravan.kill;

import org.jspecify.annotations.NullMarked;
