/** The report that a user gets for each job. */
@NullMarked
package io.caravan.report;

import org.jspecify.annotations.NullMarked;
