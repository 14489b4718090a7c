package io.caravan.jsonl;

import io.caravan.jsonl.split.PartLimits;
import io.caravan.jsonl.split.RefusedLine;
import io.caravan.jsonl.split.RequestLine;
import io.caravan.jsonl.split.RequestSink;
import io.caravan.jsonl.split.ValidationRules;
import io.caravan.jsonl.tokens.MediaTokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Test requests and answers, and a sink that collects the results of validation. */
public final class Requests implements RequestSink {
  public static final ValidationRules RULES =
      new ValidationRules(
          Set.of("/v1/chat/completions", "/v1/embeddings", "/v1/responses", "/v1/completions"),
          50_000,
          1L << 30,
          1 << 20,
          50_000);

  public final List<RequestLine> good = new ArrayList<>();
  public final List<String> goodLines = new ArrayList<>();
  public final List<RefusedLine> refused = new ArrayList<>();

  public static PartLimits limits(int maxRequests, long maxBytes) {
    return new PartLimits(
        maxRequests, maxBytes, 50_000, model -> Long.MAX_VALUE, MediaTokens.OPENAI);
  }

  public static String request(String customId) {
    return request(customId, "/v1/embeddings", "small");
  }

  public static String request(String customId, String url, String model) {
    return """
    {"custom_id":"%s","method":"POST","url":"%s","body":{"model":"%s","input":"x"}}\
    """
        .formatted(customId, url, model);
  }

  public static String answer(String customId) {
    return """
    {"id":"b","custom_id":"%s","response":{"status_code":200,"body":{}},"error":null}\
    """
        .formatted(customId);
  }

  public static String failure(String customId, int status) {
    return """
    {"id":"b","custom_id":"%s","response":{"status_code":%s,"body":{}},"error":null}\
    """
        .formatted(customId, status);
  }

  public static Path write(Path folder, String... lines) throws IOException {
    return Files.writeString(folder.resolve("input.jsonl"), String.join("\n", lines) + "\n");
  }

  @Override
  public void request(RequestLine request, ByteBuffer bytes) {
    good.add(request);
    goodLines.add(StandardCharsets.UTF_8.decode(bytes).toString());
  }

  @Override
  public void refused(RefusedLine line) {
    refused.add(line);
  }

  public List<String> goodIds() {
    return good.stream().map(RequestLine::customId).toList();
  }

  public List<String> codes() {
    return refused.stream().flatMap(r -> r.problems().stream()).map(LineProblem::code).toList();
  }

  public List<String> messages() {
    return refused.stream().flatMap(r -> r.problems().stream()).map(LineProblem::message).toList();
  }
}
