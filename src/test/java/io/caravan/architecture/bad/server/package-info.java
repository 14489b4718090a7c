@NullMarked
package io.caravan.architecture.bad.server;

import org.jspecify.annotations.NullMarked;
