/** The embedded server's store of files, uploads and batches, with the leases of batches. */
@NullMarked
@NamedInterface("store")
package io.caravan.server.store;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
