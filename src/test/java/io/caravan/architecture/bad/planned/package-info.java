@NullMarked
package io.caravan.architecture.bad.planned;

import org.jspecify.annotations.NullMarked;
