@NullMarked
package io.caravan.architecture.cycle.two;

import org.jspecify.annotations.NullMarked;
