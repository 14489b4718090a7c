@NullMarked
package io.caravan.architecture.bad.flow.inner;

import org.jspecify.annotations.NullMarked;
