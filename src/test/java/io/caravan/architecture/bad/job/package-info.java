@NullMarked
package io.caravan.architecture.bad.job;

import org.jspecify.annotations.NullMarked;
