/**
 * Calls with single requests to OpenAI-compatible servers ("upstreams"): connections, adaptive
 * concurrency, retries and outages; and which failures of any call are temporary. It knows neither
 * jobs nor batches; calls to batch providers are in {@code flow.call}.
 */
@NullMarked
package io.caravan.call;

import org.jspecify.annotations.NullMarked;
