/** Calls to OpenAI-compatible servers: connections, limits that adapt, retries and outages. */
@NullMarked
package io.caravan.server.upstream;

import org.jspecify.annotations.NullMarked;
