/** The command line: run the service, run files and exit, and commands for operators. */
@NullMarked
package io.caravan.cli;

import org.jspecify.annotations.NullMarked;
