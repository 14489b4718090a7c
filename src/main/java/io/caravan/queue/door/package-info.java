/**
 * OpenAI's own paths as a door to the queue: calls that are answered when their batch has ended.
 */
@NullMarked
package io.caravan.queue.door;

import org.jspecify.annotations.NullMarked;
