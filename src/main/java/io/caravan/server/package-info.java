/**
 * The embedded batch server: OpenAI's Files and Batch API over a folder, a model in the JVM and an
 * OpenAI-compatible upstream.
 */
@NullMarked
package io.caravan.server;

import org.jspecify.annotations.NullMarked;
