/**
 * Opens the data folder, the database and the workspace, for the service and for operators beside
 * it.
 */
@NullMarked
package io.caravan.store;

import org.jspecify.annotations.NullMarked;
