package io.caravan.routes.upgrade;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.models.files.FilePurpose;
import com.openai.models.uploads.UploadCompleteParams;
import com.openai.models.uploads.UploadCreateParams;
import com.openai.models.uploads.parts.PartCreateParams;
import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Api;
import io.caravan.routes.fake.TestTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The two days before the upgrade: finished and unfinished work. */
record UpgradeEarlierDays(UpgradeSite site, TestTime time) {
  /** The content of an upload. */
  static final String UPLOADED = Line.chat("uploaded-1", "in parts") + "\n";

  void pass() throws IOException {
    site.provider().answering((id, times) -> id.endsWith("-no") && times == 1 ? 400 : 200);
    time.shift(Duration.ofHours(-50));
    try (TestCaravan caravan = site.inProcess().withClock(time).start()) {
      Api api = new Api(caravan.address());
      release(api);
      time.shift(Duration.ofHours(5));
      upload(api, "expired", false);
      time.shift(Duration.ofHours(18));
      deliver(caravan, api);
      serve(api);
      passOn(api);
      site.drop("inbox-shop", "undelivered.jsonl", Line.embedding("undelivered-1", "Hello"));
      Files.writeString(site.folder().resolve("outbox/shop"), "In place of a folder.\n");
      api.awaitJob("undelivered.jsonl", job -> job.path("waits_for").size() > 0);
    }
    time.shift(Duration.ofHours(2));
  }

  /** A released job, and a batch that is about to expire. */
  private void release(Api api) throws IOException {
    site.drop("inbox", "released.jsonl", lines("released", "-1", "-2"));
    api.awaitJob("released.jsonl", job -> is(job, "delivered"));
    time.shift(Duration.ofHours(25));
    api.awaitJob("released.jsonl", job -> is(job, "released"));
    site.upstream().hold();
    String batch = api.create("expired", "gpt-4.1-nano", 3);
    site.upstream().letGo(1);
    api.awaitBatch(batch, it -> it.at("/request_counts/completed").asInt() == 1);
  }

  /** Finished and failed jobs, and one that is resent. */
  private void deliver(TestCaravan caravan, Api api) throws IOException {
    site.drop("inbox", "delivered.jsonl", lines("delivered", "-1", "-2", "-no"));
    String id = api.awaitJob("delivered.jsonl", job -> is(job, "delivered")).path("id").asText();
    site.drop("inbox", "refused.jsonl", "", "");
    caravan.awaitReport("refused");
    site.drop("inbox", "unsent.jsonl", "this is no request", "nor this");
    caravan.awaitReport("unsent");
    site.drop("inbox", "again.jsonl", lines("delivered", "-1", "-2", "-no"));
    caravan.awaitReport("again");
    site.provider().withBatchesOf(Duration.ofHours(1));
    api.post("/caravan/jobs/" + id + "/retry", "");
    api.awaitJob(
        "delivered.jsonl",
        job -> !job.path("retry_of").isNull() && is(job.at("/parts/0"), "submitted"));
    site.provider().withBatchesOf(Duration.ofMillis(50));
  }

  /** Lines that succeed, except ids ending in {@code -no} at their first attempt. */
  static String[] lines(String stem, String... endings) {
    var lines = new String[endings.length];
    for (int i = 0; i < endings.length; i++) {
      lines[i] = Line.chat(stem + endings[i], "about " + stem);
    }
    return lines;
  }

  /** Files, uploads and batches of the embedded server. */
  private void serve(Api api) throws IOException {
    file(api, "notes.txt", FilePurpose.USER_DATA, "Remember me.");
    upload(api, "completed", true);
    api.openai().uploads().cancel(upload(api, "cancelled", false));
    api.awaitBatch(api.create("completed", "all-MiniLM-L6-v2", 2), "completed");
    String bad = file(api, "bad.jsonl", FilePurpose.BATCH, "this is no request");
    api.awaitBatch(api.create("failed", "/v1/chat/completions", bad), "failed");
  }

  private String file(Api api, String name, FilePurpose purpose, String... lines)
      throws IOException {
    Path file = Files.writeString(site.folder().resolve(name), TestCaravan.text(lines));
    try {
      return api.upload(purpose, file);
    } finally {
      Files.delete(file);
    }
  }

  /** An upload in two parts; the second may be missing. */
  String upload(Api api, String status, boolean whole) {
    var uploads = api.openai().uploads();
    String id =
        uploads
            .create(
                UploadCreateParams.builder()
                    .filename("parts.jsonl")
                    .bytes(UPLOADED.length())
                    .mimeType("application/jsonl")
                    .purpose(FilePurpose.BATCH)
                    .build())
            .id();
    String part = part(api, id, UPLOADED.substring(0, 50));
    if (whole) {
      String rest = part(api, id, UPLOADED.substring(50));
      uploads.complete(id, UploadCompleteParams.builder().partIds(List.of(part, rest)).build());
    }
    site.note("upload." + status, id);
    site.note("upload." + status + ".part", part);
    return id;
  }

  static String part(Api api, String upload, String text) {
    var data = new ByteArrayInputStream(text.getBytes(UTF_8));
    return api.openai()
        .uploads()
        .parts()
        .create(upload, PartCreateParams.builder().data(data).build())
        .id();
  }

  /** Batches for other providers, one of which runs for a long time. */
  private void passOn(Api api) throws IOException {
    api.awaitBatch(api.create("passed-on", "openai:gpt-4.1-nano", 2), "completed");
    site.provider().withBatchesOf(Duration.ofHours(1));
    String parked = api.create("parked", "deepinfra:gpt-4.1-nano", 2);
    api.awaitJob(parked + ".jsonl", job -> is(job.at("/parts/0"), "submitted"));
    site.provider().withBatchesOf(Duration.ofMillis(50));
  }

  private static boolean is(JsonNode row, String status) {
    return row.path("status").asText().equals(status);
  }
}
