@NullMarked
package io.caravan.architecture.bad.batch;

import org.jspecify.annotations.NullMarked;
