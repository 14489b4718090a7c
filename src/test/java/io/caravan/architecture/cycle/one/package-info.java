@NullMarked
package io.caravan.architecture.cycle.one;

import org.jspecify.annotations.NullMarked;
