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

/** The requests in a part's file, known to a provider by their numbers, counted from 1. */
public final class PartRequests {
  private static final JsonMapper JSON = StrictJson.MAPPER;

  private final List<String> customIds;

  private PartRequests(List<String> customIds) {
    this.customIds = customIds;
  }

  /** All of them in their order. */
  public static MappingIterator<JsonNode> read(Path file) throws IOException {
    return JSON.readerFor(JsonNode.class).readValues(file.toFile());
  }

  /** Their ids. */
  public static PartRequests idsIn(Path file) throws IOException {
    var ids = new ArrayList<String>();
    try (MappingIterator<JsonNode> lines = read(file)) {
      while (lines.hasNextValue()) {
        ids.add(lines.nextValue().path("custom_id").asText());
      }
    }
    return new PartRequests(ids);
  }

  /** The id of the request of that number; what is no number of ours stays what it is. */
  public String customId(String number, String otherwise) {
    int line = number.matches("[1-9]\\d{0,8}") ? Integer.parseInt(number) : 0;
    return line >= 1 && line <= customIds.size() ? customIds.get(line - 1) : otherwise;
  }

  /** Why a line of an input file cannot be sent; null when it can. */
  public static LineProblem problem(UntranslatableException e) {
    return new LineProblem(
        "unsupported_parameter", Objects.requireNonNull(e.getMessage()), e.param());
  }

  /** The line is no JSON that a translation could read. */
  public static LineProblem unreadable() {
    return new LineProblem("invalid_json", "the line cannot be read as JSON.", "body");
  }
}
