/** OpenAI's Batch API and compatible ones. */
@NullMarked
@NamedInterface("openai")
package io.caravan.provider.openai;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
