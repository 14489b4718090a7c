/** Kills the packaged application as a process, and counts what is left. */
@NullMarked
package io.caravan.routes.kill;

import org.jspecify.annotations.NullMarked;
