package io.caravan.provider.gemini;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.job.Part;
import io.caravan.jsonl.LenientJson;
import io.caravan.provider.PartRequests;
import io.caravan.provider.Provider;
import io.caravan.provider.ResultLines;
import io.caravan.provider.RetryableProviderException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Writes Gemini's results as lines of OpenAI's output and error files, both to one stream; native
 * requests get native answers.
 */
public final class GeminiResults {
  private static final JsonMapper JSON = ResultLines.JSON;

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
   * Translates the lines of a results file, or the batch itself if its requests were inline.
   *
   * @param file of the part's requests
   * @param provider decides whether its own answers are kept beside the translated ones
   * @param patient whether truncated results are requested again
   */
  public static void translate(
      InputStream results,
      Path file,
      Part part,
      Provider provider,
      boolean patient,
      OutputStream out)
      throws IOException {
    var to =
        new ContentToChat(
            part.model(),
            part.submission().endedAt() == null ? 0 : part.submission().endedAt().getEpochSecond(),
            GeminiRequests.isEmbedding(part),
            part.endpoint().startsWith("/v1beta/"),
            provider.nativeAnswers());
    var translation = new GeminiResults(PartRequests.idsIn(file), to, out);
    if (part.submission().inputFileId() != null) {
      new ResultLines(results, patient)
          .write(
              result -> translation.line(result.path("key").asText(), result),
              LenientJson::key,
              translation::customId,
              out);
      return;
    }
    try {
      translation.inline(results);
    } catch (JacksonException e) {
      if (patient) {
        throw RetryableProviderException.inTime("the results end in the middle of an answer");
      }
    }
  }

  /** Reads the first {@code inlinedResponses}; the operation has one or two of them. */
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
        // Answers come in the order of the requests, with or without their metadata.
        write(result.at("/metadata/key").asText("" + (read + 1)), result);
      }
    }
  }

  private void write(String key, JsonNode result) throws IOException {
    out.write(JSON.writeValueAsBytes(line(key, result)));
    out.write('\n');
    read++;
  }

  private ObjectNode line(String key, JsonNode result) {
    return to.line(customId(key), result);
  }

  private String customId(String key) {
    return requests.customId(key, key);
  }
}
