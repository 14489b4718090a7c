/** A Java agent for the packaged application: it names every boundary and kills at one. */
@NullMarked
package io.caravan.kill;

import org.jspecify.annotations.NullMarked;
