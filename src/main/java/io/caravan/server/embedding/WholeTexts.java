package io.caravan.server.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.wire.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Loads the resources of a model in this JVM, with truncation removed from its tokenizer: MiniLM's
 * silently truncates texts to 128 tokens, although the model reads 512.
 */
final class WholeTexts extends ClassLoader {
  WholeTexts(ClassLoader parent) {
    super(parent);
  }

  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    InputStream found = super.getResourceAsStream(name);
    if (found == null || !name.endsWith("tokenizer.json")) {
      return found;
    }
    try (found) {
      ObjectNode tokenizer = Json.object(new String(found.readAllBytes(), UTF_8));
      tokenizer.putNull("truncation").putNull("padding"); // the library takes a limit from both
      return new ByteArrayInputStream(Json.MAPPER.writeValueAsBytes(tokenizer));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
