@NullMarked
package io.caravan.architecture.bad.flow;

import org.jspecify.annotations.NullMarked;
