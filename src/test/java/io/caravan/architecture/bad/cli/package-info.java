@NullMarked
package io.caravan.architecture.bad.cli;

import org.jspecify.annotations.NullMarked;
