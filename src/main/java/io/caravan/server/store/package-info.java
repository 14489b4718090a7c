/**
 * Files, uploads and batches of the embedded server, and who works on a batch: what every store
 * keeps.
 */
@NullMarked
@NamedInterface("store")
package io.caravan.server.store;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
