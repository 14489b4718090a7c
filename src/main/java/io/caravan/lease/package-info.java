/**
 * The leases of replicas on rows of a shared database, for any table with a column for its owner.
 */
@NullMarked
package io.caravan.lease;

import org.jspecify.annotations.NullMarked;
