/** OpenAI-compatible servers as backends. */
@NullMarked
package io.caravan.server.upstream;

import org.jspecify.annotations.NullMarked;
