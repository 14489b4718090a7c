package io.caravan.routes.journey;

import static io.caravan.routes.Line.chat;
import static io.caravan.routes.Line.embedding;
import static io.caravan.routes.TestCaravan.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.disk.FullDisk;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Buckets;
import io.caravan.routes.fake.FakeQueue;
import io.caravan.routes.fake.Upstream;
import io.caravan.s3.S3Moment;
import io.caravan.s3.S3Server;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;

/** Tests buckets with the sample pipeline and the embedded server. */
@ExtendWith(OutputCaptureExtension.class)
class S3JourneyTest {
  private static final String TOKEN = "sixteen-characters";
  private static Upstream upstream;
  private static S3Server server;
  private static Buckets buckets;
  private static FakeQueue queue;
  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    Buckets.useKeys();
    upstream = new Upstream();
    queue = new FakeQueue();
    System.setProperty("aws.endpointUrlSqs", queue.address());
    server = S3Server.start(folder.resolve("s3"));
    List.of("moving", "deleting", "leaving", "announced").forEach(server::with);
    buckets = new Buckets(server);
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Buckets.pipeline(routes, "s3", "moving", "subfolders: false", "subfolders: true");
    Buckets.pipeline(routes, "s3", "deleting", "MOVE  ", "DELETE");
    Buckets.pipeline(routes, "s3", "leaving", "MOVE  ", "LEAVE");
    Buckets.pipeline(routes, "s3", "missing");
    Buckets.pipeline(
        routes,
        "s3-events",
        "announced",
        "{{env:CARAVAN_SQS_QUEUE_URL}}",
        queue.url(),
        "waitTimeSeconds: 10",
        "waitTimeSeconds: 0");
    caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("caravan.s3.endpoint", server.endpoint())
            .with("caravan.upstream.url", upstream.url())
            .with("caravan.operator.token", TOKEN)
            .start();
  }

  @AfterAll
  static void stop() throws IOException {
    caravan.close();
    server.close();
    upstream.close();
    queue.close();
    System.clearProperty("aws.endpointUrlSqs");
    Buckets.forgetKeys();
  }

  @Test
  void deliversAnObjectFromInboxToOutbox() {
    server.put("moving", "inbox/good.jsonl", text(embedding("a", "Kettle."), embedding("b", "")));

    Outcome outcome = buckets.awaitReport("moving", "good").counts(2, 1, 1);

    assertThat(outcome.resultIds()).containsExactly("a");
    assertThat(outcome.errorIds()).containsExactly("b");
    assertThat(outcome.report().path("source").asText()).isEqualTo("s3://moving/inbox/good.jsonl");
    assertThat(outcome.report().path("name").asText()).isEqualTo("good.jsonl");
    assertThat(typeOf("results/good.results.jsonl")).isEqualTo("application/x-ndjson");
    assertThat(typeOf("reports/good.report.json")).isEqualTo("application/json");
    awaitKeys("moving", "inbox/good", List.of());
    assertThat(server.keys("moving", "accepted/good")).containsExactly("accepted/good.jsonl");
  }

  private static String typeOf(String key) {
    return server.client().headObject(it -> it.bucket("moving").key(key)).contentType();
  }

  @Test
  void showsOperatorsIgnoredObjects() throws IOException {
    server.put("leaving", "inbox/notes.md", "Why is the sky blue?");
    server.put("leaving", "inbox/below/x.jsonl", text(embedding("x", "In a subfolder.")));
    await()
        .until(
            S3JourneyTest::notTaken,
            untaken ->
                untaken.containsAll(
                    List.of("s3://leaving/inbox/notes.md", "s3://leaving/inbox/below/")));

    server.client().deleteObject(it -> it.bucket("leaving").key("inbox/notes.md"));
    await().until(S3JourneyTest::notTaken, it -> !it.contains("s3://leaving/inbox/notes.md"));
    assertThat(notTaken())
        .contains("s3://leaving/inbox/below/")
        .noneMatch(it -> it.contains("accepted/") || it.contains("results/"));
  }

  @Test
  void showsOperatorsObjectsThatCannotBeStored() throws Exception {
    String source = "s3://leaving/inbox/waiting.jsonl";
    try (FullDisk disk = FullDisk.of(1_000, 50)) {
      server.put("leaving", "inbox/waiting.jsonl", text(embedding("w", "It waits.")));
      await().until(S3JourneyTest::notTaken, it -> it.contains(source));
      disk.free(100_000);

      buckets.awaitReport("leaving", "waiting").counts(1, 1, 0);
    }
    await().until(S3JourneyTest::notTaken, it -> !it.contains(source));
  }

  private static List<String> notTaken() throws IOException {
    return Outcome.parse(caravan.operate("GET", "", TOKEN).body())
        .path("not_taken")
        .findValuesAsText("source");
  }

  @Test
  void acceptsGzippedObjects() throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(text(embedding("g", "Packed.")).getBytes(StandardCharsets.UTF_8));
    }
    server
        .client()
        .putObject(
            it -> it.bucket("moving").key("inbox/packed.jsonl.gz"),
            RequestBody.fromBytes(packed.toByteArray()));

    buckets.awaitReport("moving", "packed").counts(1, 1, 0);
  }

  @Test
  void neverMovesOverAnEarlierObject() {
    server.put("moving", "accepted/twice.jsonl", "an earlier one");
    server.put("moving", "inbox/twice.jsonl", text(embedding("t", "Twice.")));

    String job = buckets.awaitReport("moving", "twice").counts(1, 1, 0).job();

    awaitKeys("moving", "inbox/twice", List.of());
    assertThat(server.get("moving", "accepted/twice.jsonl")).isEqualTo("an earlier one");
    assertThat(server.keys("moving", "accepted/twice." + job)).hasSize(1);
  }

  @Test
  void deletesObjectsIfConfigured() {
    server.put("deleting", "inbox/gone.jsonl", text(embedding("g", "Gone.")));
    server.put("deleting", "inbox/sub/left.jsonl", text(embedding("l", "In a subfolder.")));

    buckets.awaitReport("deleting", "gone").counts(1, 1, 0);

    awaitKeys("deleting", "inbox/", List.of("inbox/sub/left.jsonl"));
    assertThat(server.keys("deleting", "accepted/")).isEmpty();
  }

  @Test
  void leavesObjectsIfConfigured() {
    server.put("leaving", "inbox/stays.jsonl", text(embedding("s", "Stays.")));
    buckets.awaitReport("leaving", "stays").counts(1, 1, 0);

    server.put("leaving", "inbox/later.jsonl", text(embedding("l", "Later.")));
    buckets.awaitReport("leaving", "later").counts(1, 1, 0);
    assertThat(server.keys("leaving", "reports/stays")).hasSize(1);

    server.put("leaving", "inbox/stays.jsonl", text(embedding("s", "Put anew.")));
    buckets.awaitReports("leaving", "stays", 2).forEach(it -> it.counts(1, 1, 0));
    assertThat(server.keys("leaving", "inbox/")).contains("inbox/later.jsonl", "inbox/stays.jsonl");
  }

  @Test
  void neverOverwritesAnExistingObject() {
    server.put("leaving", "results/taken.results.jsonl", "an earlier one");
    server.put("leaving", "inbox/taken.jsonl", text(embedding("t", "Taken.")));

    String job = buckets.awaitReports("leaving", "taken", 1).getFirst().counts(1, 1, 0).job();

    assertThat(server.get("leaving", "results/taken.results.jsonl")).isEqualTo("an earlier one");
    assertThat(server.keys("leaving", "reports/taken"))
        .containsExactly("reports/taken.%s.report.json".formatted(job));
  }

  @Test
  void readsTheNewVersionOfAnOverwrittenObject(CapturedOutput output) {
    String key = "inbox/rewritten.jsonl";
    S3Moment.before(
        GetObjectRequest.class,
        key,
        () -> server.put("moving", key, text(embedding("n", "New."), embedding("m", "Newer."))));

    server.put("moving", key, text(embedding("o", "Old.")));

    Outcome outcome = buckets.awaitReport("moving", "rewritten").counts(2, 2, 0);
    assertThat(outcome.resultIds()).containsExactly("n", "m");
    awaitKeys("moving", key, List.of());
    assertThat(server.keys("moving", "reports/rewritten")).hasSize(1);
    assertThat(output.getAll()).doesNotContain("rewritten.jsonl stays", "could not be stored");
  }

  @Test
  void ignoresObjectsDeletedBeforeReading(CapturedOutput output) {
    String key = "inbox/withdrawn.jsonl";
    S3Moment.before(
        GetObjectRequest.class,
        key,
        () -> server.client().deleteObject(it -> it.bucket("moving").key(key)));

    server.put("moving", key, text(embedding("w", "Withdrawn.")));
    awaitKeys("moving", key, List.of());
    server.put("moving", "inbox/after.jsonl", text(embedding("a", "After it.")));

    buckets.awaitReport("moving", "after").counts(1, 1, 0);
    assertThat(server.keys("moving", "reports/withdrawn")).isEmpty();
    assertThat(output.getAll()).doesNotContain("withdrawn");
  }

  @Test
  void neverDeletesObjectsWrittenAfterReading() {
    String copied = "inbox/replaced-before-copy.jsonl";
    S3Moment.before(
        CopyObjectRequest.class,
        "accepted/replaced-before-copy.jsonl",
        () -> server.put("moving", copied, text(embedding("n", "New before the copy."))));
    String deleted = "inbox/replaced-before-delete.jsonl";
    S3Moment.before(
        HeadObjectRequest.class,
        deleted,
        () -> server.put("deleting", deleted, text(embedding("n", "New before the delete."))));

    server.put("moving", copied, text(embedding("o", "Old, to be copied.")));
    server.put("deleting", deleted, text(embedding("o", "Old, to be deleted.")));

    assertThat(idsOf(buckets.awaitReports("moving", "replaced-before-copy", 2)))
        .containsExactlyInAnyOrder("o", "n");
    assertThat(idsOf(buckets.awaitReports("deleting", "replaced-before-delete", 2)))
        .containsExactlyInAnyOrder("o", "n");
    awaitKeys("moving", copied, List.of());
    awaitKeys("deleting", deleted, List.of());
  }

  private static List<String> idsOf(List<Outcome> outcomes) {
    return outcomes.stream().flatMap(it -> it.resultIds().stream()).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b/c+d & e=f%20g?h#i.jsonl",
        "Ünïcödé/漢字 🚚.jsonl",
        "a/b/c/d/e/f.jsonl.GZ",
        "quote\"'<xml>&amp;.jsonl",
        "back\\slash.jsonl",
        ".hidden.jsonl"
      })
  void acceptsUnusualKeys(String name) {
    server.put("moving", "inbox/" + name, text(embedding("o", "Odd: " + name)));

    String stem = name.replaceFirst("(?i)\\.jsonl(\\.gz)?$", "").replace("\\", "_");
    Outcome outcome = buckets.awaitReport("moving", stem).counts(1, 1, 0);

    assertThat(outcome.report().path("source").asText()).isEqualTo("s3://moving/inbox/" + name);
    awaitKeys("moving", "inbox/" + name, List.of());
    assertThat(server.keys("moving", "accepted/" + name)).hasSize(1);
  }

  @Test
  void acceptsKeyOf1024Bytes() {
    String folders = "d".repeat(199) + "/";
    String name = folders.repeat(6).substring(0, 1024 - "inbox/".length() - 8) + "/e.jsonl";
    assertThat("inbox/" + name).hasSize(1024);
    server.put("moving", "inbox/" + name, text(embedding("l", "A long key.")));

    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> !server.keys("moving", "reports/ddd").isEmpty());

    String report = server.keys("moving", "reports/ddd").getFirst();
    assertThat(report).endsWith("/e.report.json");
    assertThat(Outcome.parse(server.get("moving", report)).path("source").asText())
        .isEqualTo("s3://moving/inbox/" + name);
    awaitKeys("moving", "inbox/ddd", List.of());
  }

  @Test
  void rejectsEmptyObjectAndIgnoresFolders() {
    server.put("moving", "inbox/folder.jsonl/", "");
    server.put("moving", "inbox/notes.md", "Not for Caravan.");
    server.put("moving", "inbox/empty.jsonl", "");

    assertThat(buckets.awaitReport("moving", "empty").refusal())
        .isEqualTo("empty.jsonl: the file is empty. Write one request a line.");
    assertThat(server.keys("moving", "inbox/")).contains("inbox/notes.md");
    assertThat(server.keys("moving", "reports/folder")).isEmpty();
  }

  @Test
  void uploadsLargeOutputInParts() {
    upstream.withLength(1 << 20);
    server.put(
        "moving",
        "inbox/large.jsonl",
        text(
            IntStream.range(0, 40)
                .mapToObj(i -> chat("c-" + i, "At length, " + i))
                .toArray(String[]::new)));

    buckets.awaitReport("moving", "large").counts(40, 40, 0);

    var head =
        server.client().headObject(it -> it.bucket("moving").key("results/large.results.jsonl"));
    assertThat(head.contentLength()).isGreaterThan(40L << 20);
    assertThat(head.eTag()).contains("-3"); // parts
    assertThat(server.client().listMultipartUploads(it -> it.bucket("moving")).uploads()).isEmpty();
  }

  @Test
  void logsAMissingBucketOnceAndRecovers(CapturedOutput output) throws IOException {
    await()
        .untilAsserted(() ->
            assertThat(caravan.ask("/actuator/health"))
                .contains("\"missing\":\"there is no such bucket"));
    server.with("missing").put("missing", "inbox/found.jsonl", text(embedding("f", "Found.")));

    buckets.awaitReport("missing", "found").counts(1, 1, 0);

    assertThat(output.getAll()).contains("pipeline=missing can read its inbox again");
    assertThat(caravan.ask("/actuator/health"))
        .doesNotContain("\"missing\":\"there is no such bucket");
  }

  @Test
  void acceptsAnnouncedObjectsOnce(CapturedOutput output) {
    server.put("announced", "inbox/a b+ü.jsonl", text(embedding("a", "Announced.")));
    server.put("announced", "inbox/second.jsonl", text(embedding("b", "In the same message.")));
    server.put("announced", "inbox/silent.jsonl", text(embedding("c", "Told of by nobody.")));
    String event =
        "{\"Records\":[%s,%s,%s,%s]}"
            .formatted(
                record("ObjectCreated:Put", "inbox/a+b%2B%C3%BC.jsonl"),
                record("ObjectCreated:CompleteMultipartUpload", "inbox/second.jsonl"),
                record("ObjectCreated:Put", "inbox/gone-meanwhile.jsonl"),
                record("ObjectRemoved:Delete", "inbox/silent.jsonl"));

    queue.send("{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"announced\"}");
    queue.send(event);

    assertThat(buckets.awaitReport("announced", "a b+ü").counts(1, 1, 0).resultIds())
        .containsExactly("a");
    buckets.awaitReport("announced", "second").counts(1, 1, 0);
    await().until(queue::isEmpty);

    queue.send(event); // SQS delivers at least once
    await().until(queue::isEmpty);
    assertThat(output.getAll().lines().filter(it -> it.contains("pipeline=announced -> accepted")))
        .hasSize(2);
    assertThat(output.getAll()).doesNotContain("gone-meanwhile", "silent");
  }

  private static String record(String event, String key) {
    return """
    {"eventSource":"aws:s3","eventName":"%s","s3":{"bucket":{"name":"announced"},"object":{"key":"%s"}}}\
    """
        .formatted(event, key);
  }

  private static void awaitKeys(String bucket, String prefix, List<String> keys) {
    await()
        .untilAsserted(
            () -> assertThat(server.keys(bucket, prefix)).containsExactlyElementsOf(keys));
  }
}
