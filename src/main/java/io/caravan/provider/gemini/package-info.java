/** Gemini's Batch API, translated from and to OpenAI's formats. */
@NullMarked
@NamedInterface("gemini")
package io.caravan.provider.gemini;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
