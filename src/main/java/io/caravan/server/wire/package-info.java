/** OpenAI's JSON and errors, and checks shared by all requests to the embedded server. */
@NullMarked
package io.caravan.server.wire;

import org.jspecify.annotations.NullMarked;
