/** The command line: serve, or take files through and end. */
@NullMarked
package io.caravan.cli;

import org.jspecify.annotations.NullMarked;
