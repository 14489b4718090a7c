/** What the user is told at the end: the report of a job. */
@NullMarked
package io.caravan.report;

import org.jspecify.annotations.NullMarked;
