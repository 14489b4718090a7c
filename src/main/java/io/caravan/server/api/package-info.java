/**
 * The HTTP API of the embedded server: keys, limits, and OpenAI's files, uploads, batches and
 * models.
 */
@NullMarked
package io.caravan.server.api;

import org.jspecify.annotations.NullMarked;
