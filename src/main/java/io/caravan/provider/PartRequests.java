package io.caravan.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The requests in a part's file; their ids at the provider are numbers, starting at 1. */
public final class PartRequests {
  private static final JsonMapper JSON = StrictJson.MAPPER;

  private final List<String> customIds;

  private PartRequests(List<String> customIds) {
    this.customIds = customIds;
  }

  /** Reads the requests in order. */
  public static MappingIterator<JsonNode> read(Path file) throws IOException {
    return JSON.readerFor(JsonNode.class).readValues(file.toFile());
  }

  /** Reads their custom_ids. */
  public static PartRequests idsIn(Path file) throws IOException {
    var ids = new ArrayList<String>();
    try (MappingIterator<JsonNode> lines = read(file)) {
      while (lines.hasNextValue()) {
        ids.add(lines.nextValue().path("custom_id").asText());
      }
    }
    return new PartRequests(ids);
  }

  /** The custom_id of the request with that number; {@code otherwise} if there is none. */
  public String customId(String number, String otherwise) {
    int line = number.matches("[1-9]\\d{0,8}") ? Integer.parseInt(number) : 0;
    return line >= 1 && line <= customIds.size() ? customIds.get(line - 1) : otherwise;
  }

  /** The problem of a line that cannot be translated. */
  public static LineProblem problem(UntranslatableException e) {
    return new LineProblem(
        "unsupported_parameter", Objects.requireNonNull(e.getMessage()), e.param());
  }

  /** The problem of a line that is not readable as JSON. */
  public static LineProblem unreadable() {
    return new LineProblem("invalid_json", "the line cannot be read as JSON.", "body");
  }
}
