/** Shows, cancels and retries jobs for operators, on the command line and over HTTP. */
@NullMarked
package io.caravan.operator;

import org.jspecify.annotations.NullMarked;
