package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The report, results and errors of one file. */
public record Outcome(Path file, JsonNode report, List<JsonNode> results, List<JsonNode> errors) {
  private static final JsonMapper JSON = new JsonMapper();

  /** The outcomes of all files of one name, the oldest first. */
  public static List<Outcome> all(Path outbox, String stem) throws IOException {
    Path reports = outbox.resolve("reports").resolve(stem).getParent();
    if (reports == null || !Files.isDirectory(reports)) {
      return List.of();
    }
    Path prefix = Path.of(stem).getFileName();
    var name = Pattern.compile(Pattern.quote(prefix + "") + "(\\.[^.]+)?\\.report\\.json");
    try (Stream<Path> files = Files.list(reports)) {
      return files
          .filter(file -> name.matcher(file.getFileName() + "").matches())
          .sorted(Comparator.comparing(Outcome::written))
          .map(file -> read(outbox, file))
          .toList();
    }
  }

  private static FileTime written(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Outcome read(Path outbox, Path file) {
    String relative = outbox.resolve("reports").relativize(file).toString();
    String stem = relative.substring(0, relative.length() - ".report.json".length());
    try {
      return new Outcome(
          file,
          JSON.readTree(file.toFile()),
          lines(outbox.resolve("results").resolve(stem + ".results.jsonl")),
          lines(outbox.resolve("errors").resolve(stem + ".errors.jsonl")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    return Files.exists(file)
        ? Files.readAllLines(file).stream().map(Outcome::parse).toList()
        : List.of();
  }

  public static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String job() {
    return report.path("job").asText();
  }

  public List<String> resultIds() {
    return ids(results);
  }

  public List<String> errorIds() {
    return ids(errors);
  }

  private static List<String> ids(List<JsonNode> lines) {
    return lines.stream().map(line -> line.path("custom_id").asText()).toList();
  }

  /** The error line of a request. */
  public JsonNode errorOf(String customId) {
    return errors.stream()
        .filter(line -> line.path("custom_id").asText().equals(customId))
        .findFirst()
        .orElseThrow(() -> new AssertionError(customId + " is not among " + errors));
  }

  public String codeOf(String customId) {
    return errorOf(customId).path("error").path("code").asText();
  }

  public String messageOf(String customId) {
    return errorOf(customId).path("error").path("message").asText();
  }

  /** Asserts the report's counts, their sum, and that they match the files. */
  public Outcome counts(long total, long good, long bad) {
    JsonNode requests = report.path("requests");
    assertThat(
            List.of(
                requests.path("total").asLong(),
                requests.path("results").asLong(),
                requests.path("errors").asLong()))
        .as("total, results, errors of %s", report)
        .containsExactly(total, good, bad);
    assertThat(results).hasSize((int) good);
    assertThat(errors).hasSize((int) bad);
    assertThat(total).isEqualTo(good + bad);
    return this;
  }

  /** Asserts that the file was rejected as a whole; returns the message. */
  public String refusal() {
    assertThat(report.path("outcome").asText()).as("%s", report).isEqualTo("refused");
    assertThat(results).isEmpty();
    assertThat(errors).hasSize(1);
    String message = errors.getFirst().path("error").path("message").asText();
    assertThat(report.path("problems").path(0).path("message").asText()).isEqualTo(message);
    return message;
  }
}
