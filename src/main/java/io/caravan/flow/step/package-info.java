/** The steps that move jobs and parts from one status to the next, and the handling of failures. */
@NullMarked
@NamedInterface("step")
package io.caravan.flow.step;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
