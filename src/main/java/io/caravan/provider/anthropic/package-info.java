/** Anthropic's Message Batches, translated from and to OpenAI's shapes. */
@NullMarked
@NamedInterface("anthropic")
package io.caravan.provider.anthropic;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
