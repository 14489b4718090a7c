package io.caravan.provider.gemini;

import static io.caravan.provider.UntranslatableException.refused;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.job.Part;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.StrictJson;
import io.caravan.provider.PartRequests;
import io.caravan.provider.UntranslatableException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part's requests in Gemini's format, identified by numbers: as the lines of a file, or inline.
 */
public final class GeminiRequests {
  /** Models are limited to this, since the path of a create contains them. */
  private static final Pattern MODEL = Pattern.compile("(models/)?[A-Za-z0-9][A-Za-z0-9._-]*");

  private static final JsonMapper JSON = StrictJson.MAPPER;

  private static final String EMBEDDINGS = "/v1/embeddings";

  /** The {@code url} of requests in Gemini's own format. */
  private static final String NATIVE = "/v1beta/generateContent";

  private static final String NATIVE_EMBEDDINGS = "/v1beta/embedContent";

  private GeminiRequests() {}

  /** Why a line of an input file cannot be sent; null if it can. */
  public static @Nullable LineProblem problem(byte[] line, int start, int length) {
    try {
      request(JSON.readTree(line, start, length));
      return null;
    } catch (UntranslatableException e) {
      return PartRequests.problem(e);
    } catch (IOException e) {
      return PartRequests.unreadable();
    }
  }

  /** The request in a line, without its model. */
  static JsonNode request(JsonNode line) {
    JsonNode body = line.path("body");
    String model = body.path("model").asText();
    if (!model.isEmpty() && !MODEL.matcher(model).matches()) {
      throw refused("model", "is not the name of a Gemini model, such as gemini-2.5-flash.");
    }
    return switch (line.path("url").asText()) {
      case NATIVE, NATIVE_EMBEDDINGS ->
          body.deepCopy() instanceof ObjectNode own ? own.without("model") : body;
      case EMBEDDINGS -> embedding(body);
      default -> ChatToContents.translate(body);
    };
  }

  private static ObjectNode embedding(JsonNode body) {
    ObjectNode request = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      JsonNode value = member.getValue();
      switch (member.getKey()) {
        case "model" -> {}
        case "input" -> text(request, value);
        case "dimensions" -> request.set("outputDimensionality", value);
        case "encoding_format" -> {
          if (!value.asText("float").equals("float")) {
            throw refused("encoding_format", "is not float, the only format that Gemini has.");
          }
        }
        default -> throw refused(member.getKey(), "has no counterpart at Gemini. Leave it out.");
      }
    }
    return request;
  }

  private static void text(ObjectNode request, JsonNode input) {
    JsonNode text = input.isArray() && input.size() == 1 ? input.path(0) : input;
    if (!text.isTextual()) {
      throw refused(
          "input", "is not one text: Gemini embeds one in a request. Write a line for each text.");
    }
    request.putObject("content").putArray("parts").addObject().set("text", text);
  }

  /** Writes the requests as the lines of a file to upload. */
  public static void writeLines(Path file, OutputStream out) throws IOException {
    try (MappingIterator<JsonNode> lines = PartRequests.read(file)) {
      long number = 0;
      while (lines.hasNextValue()) {
        ObjectNode line = JSON.createObjectNode().put("key", "" + ++number);
        line.set("request", request(lines.nextValue()));
        out.write(JSON.writeValueAsBytes(line));
        out.write('\n');
      }
    }
  }

  /** The size of these lines in bytes. */
  public static long size(Path file) throws IOException {
    try (var counted = new DataOutputStream(OutputStream.nullOutputStream())) {
      writeLines(file, counted);
      return counted.size();
    }
  }

  /**
   * Whether the body of a create with inline requests stays below a size.
   *
   * @param most the size in bytes; 0 to never send requests inline
   */
  public static boolean fitInline(Path file, Part part, long most) throws IOException {
    if (Files.size(file) / 2 > most) {
      return false; // too large anyway: saves reading it
    }
    try (var counted = new DataOutputStream(OutputStream.nullOutputStream())) {
      writeInline(file, part, null, counted);
      return counted.size() < most;
    }
  }

  /**
   * Writes the body that creates a batch with inline requests.
   *
   * @param webhook the address that is called when the batch has ended; null for none
   */
  public static void writeInline(Path file, Part part, @Nullable String webhook, OutputStream out)
      throws IOException {
    try (MappingIterator<JsonNode> lines = PartRequests.read(file);
        JsonGenerator json =
            JSON.createGenerator(out)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT)) { // incomplete: invalid
      json.writeStartObject();
      json.writeObjectFieldStart("batch");
      json.writeStringField("displayName", part.batchKey());
      if (GeminiDialect.takesWebhook(part) && webhook != null) {
        json.writeObjectFieldStart("webhookConfig");
        json.writeArrayFieldStart("uris");
        json.writeString(webhook);
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeObjectFieldStart("inputConfig");
      json.writeObjectFieldStart("requests");
      json.writeArrayFieldStart("requests");
      long number = 0;
      while (lines.hasNextValue()) {
        ObjectNode one = JSON.createObjectNode();
        one.set("request", request(lines.nextValue()));
        one.putObject("metadata").put("key", "" + ++number);
        json.writeTree(one);
      }
      json.writeEndArray();
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndObject();
    }
  }

  static boolean isEmbedding(Part part) {
    return isEmbedding(part.endpoint());
  }

  static boolean isEmbedding(String url) {
    return url.equals(EMBEDDINGS) || url.equals(NATIVE_EMBEDDINGS);
  }

  /** Whether requests with this {@code url} are in Gemini's own format. */
  static boolean isNative(String url) {
    return url.equals(NATIVE) || url.equals(NATIVE_EMBEDDINGS);
  }
}
