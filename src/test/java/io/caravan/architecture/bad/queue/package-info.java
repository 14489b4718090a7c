@NullMarked
package io.caravan.architecture.bad.queue;

import org.jspecify.annotations.NullMarked;
