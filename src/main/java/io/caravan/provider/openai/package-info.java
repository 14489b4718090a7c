/** OpenAI's Batch API, and the APIs that follow it. */
@NullMarked
@NamedInterface("openai")
package io.caravan.provider.openai;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
