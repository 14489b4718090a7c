/**
 * Sends the requests of a file one by one, outside of a batch, within a limit of money and time;
 * answers are kept on disk as they arrive, and nothing that was answered is asked again.
 */
@NullMarked
@NamedInterface("synchronous")
package io.caravan.flow.synchronous;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
