/** The embedded server's own folder. */
@NullMarked
package io.caravan.server.store.folder;

import org.jspecify.annotations.NullMarked;
