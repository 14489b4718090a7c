/**
 * What operators do: look at jobs, cancel them, and send them again; on the shell and over HTTP.
 */
@NullMarked
package io.caravan.operator;

import org.jspecify.annotations.NullMarked;
