/** The embedded server's store in a folder, for one process. */
@NullMarked
package io.caravan.server.store.folder;

import org.jspecify.annotations.NullMarked;
