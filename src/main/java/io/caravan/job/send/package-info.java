/** When and in which order unsent jobs and parts go to their providers. */
@NamedInterface("send")
@NullMarked
package io.caravan.job.send;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
