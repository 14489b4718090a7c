/** Calls to OpenAI-compatible servers: connections, adaptive limits, retries and outages. */
@NullMarked
package io.caravan.server.upstream;

import org.jspecify.annotations.NullMarked;
