/** OpenAI's JSON and errors, and the checks that every request to the embedded server shares. */
@NullMarked
package io.caravan.server.wire;

import org.jspecify.annotations.NullMarked;
