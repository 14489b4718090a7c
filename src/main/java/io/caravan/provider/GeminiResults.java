package io.caravan.provider;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.batch.BatchStatus;
import io.caravan.batch.Part;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes Gemini's results as lines of OpenAI's output and error files, which are told apart by
 * content; native requests get native answers.
 */
public final class GeminiResults {
  private static final JsonMapper JSON = new JsonMapper();

  private final PartRequests requests;
  private final ContentToChat to;
  private final OutputStream out;
  private long read;

  private GeminiResults(PartRequests requests, ContentToChat to, OutputStream out) {
    this.requests = requests;
    this.to = to;
    this.out = out;
  }

  /**
   * Reads the lines of a file, or the batch itself where its requests went inline.
   *
   * @param file of the part's requests
   * @param provider whose own answers may be kept beside the translated ones
   */
  public static void translate(
      InputStream results, Path file, Part part, Provider provider, OutputStream out)
      throws IOException {
    var to =
        new ContentToChat(
            part.model(),
            part.endedAt() == null ? 0 : part.endedAt().getEpochSecond(),
            GeminiRequests.isEmbedding(part),
            part.endpoint().startsWith("/v1beta/"),
            provider.nativeAnswers());
    var translation = new GeminiResults(PartRequests.idsIn(file), to, out);
    long whole = part.completed() + part.failed();
    try {
      if (part.inputFileId() == null) {
        translation.inline(results);
        whole = part.batchStatus() == BatchStatus.COMPLETED ? Math.max(1, whole) : 0;
      } else {
        translation.lines(results);
      }
    } catch (JacksonException e) {
      throw new RetryableProviderException("the results broke off in the middle of one", null);
    }
    if (translation.read < whole) {
      throw new RetryableProviderException(
          "the results broke off after %d of %d".formatted(translation.read, whole), null);
    }
  }

  private void lines(InputStream results) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(results, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isBlank()) {
        JsonNode result = JSON.readTree(line);
        write(result.path("key").asText(), result);
      }
    }
  }

  /** The first array of that name: either place may have it, or both. */
  private void inline(InputStream operation) throws IOException {
    try (JsonParser json = JSON.createParser(operation)) {
      boolean found = false;
      while (!found && json.nextToken() != null) {
        found =
            json.currentToken() == JsonToken.START_ARRAY
                && GeminiDialect.INLINED.equals(json.currentName());
      }
      while (found && json.nextToken() != JsonToken.END_ARRAY) {
        JsonNode result = json.readValueAsTree();
        // Answers come in the order of the requests, whether they repeat the metadata or not.
        write(result.at("/metadata/key").asText("" + (read + 1)), result);
      }
    }
  }

  private void write(String key, JsonNode result) throws IOException {
    out.write(JSON.writeValueAsBytes(to.line(requests.customId(key, key), result)));
    out.write('\n');
    read++;
  }
}
