package io.caravan.routes.fake;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Outcome;
import io.caravan.s3.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Pipelines on buckets: installs the sample as a user would, and reads its outputs. */
public record Buckets(S3Server server) {
  private static final Path SAMPLES = Path.of("samples/pipelines");
  private static final Duration LONGEST_JOURNEY = Duration.ofSeconds(60);

  /** Sets credentials where AWS's client looks first. */
  public static void useKeys() {
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
    System.setProperty("aws.region", "us-east-1");
  }

  public static void forgetKeys() {
    Stream.of("aws.accessKeyId", "aws.secretAccessKey", "aws.region")
        .forEach(System::clearProperty);
  }

  /** Installs the sample under a new name, for the bucket of that name, with edits in pairs. */
  public static void pipeline(Path routes, String sample, String name, String... edits)
      throws IOException {
    String text =
        Files.readString(SAMPLES.resolve(sample + ".camel.yaml"))
            .replace("{{env:CARAVAN_S3_BUCKET}}", name)
            .replace("period: 5000", "period: 100");
    for (int i = 0; i < edits.length; i += 2) {
      if (!text.contains(edits[i])) {
        throw new AssertionError("the sample has no " + edits[i]);
      }
      text = text.replace(edits[i], edits[i + 1]);
    }
    text = text.replaceAll("(?<!aws2-)\\b" + sample + "(?=-|\\n)", name);
    Files.writeString(routes.resolve("pipelines").resolve(name + ".camel.yaml"), text);
  }

  /** Waits for the outcome of {@code <stem>.jsonl}; its report is delivered last. */
  public Outcome awaitReport(String bucket, String stem) {
    return awaitReports(bucket, stem, 1).getFirst();
  }

  public List<Outcome> awaitReports(String bucket, String stem, int count) {
    var name = Pattern.compile(Pattern.quote("reports/" + stem) + "(\\.[^./]+)?\\.report\\.json");
    return await("report of " + stem)
        .atMost(LONGEST_JOURNEY)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () ->
                server.keys(bucket, "reports/").stream()
                    .filter(key -> name.matcher(key).matches())
                    .map(key -> outcome(bucket, key))
                    .toList(),
            found -> found.size() >= count);
  }

  private Outcome outcome(String bucket, String key) {
    String stem = key.substring("reports/".length(), key.length() - ".report.json".length());
    return new Outcome(
        Path.of(stem),
        Outcome.parse(server.get(bucket, key)),
        lines(bucket, "results/" + stem + ".results.jsonl"),
        lines(bucket, "errors/" + stem + ".errors.jsonl"));
  }

  private List<JsonNode> lines(String bucket, String key) {
    return server.keys(bucket, key).contains(key)
        ? server.get(bucket, key).lines().map(Outcome::parse).toList()
        : List.of();
  }
}
