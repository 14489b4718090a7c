/**
 * The steps that take jobs and parts from one status to the next, and what happens when one fails.
 */
@NullMarked
@NamedInterface("step")
package io.caravan.flow.step;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
