/** What is remembered of the files in inboxes: who reads them, and why some are not taken. */
@NamedInterface("source")
@NullMarked
package io.caravan.job.source;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
