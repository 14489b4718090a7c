/**
 * Opens the data folder, the database and the workspace, for the service and for operator commands.
 */
@NullMarked
package io.caravan.store;

import org.jspecify.annotations.NullMarked;
