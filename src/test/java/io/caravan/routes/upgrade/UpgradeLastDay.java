package io.caravan.routes.upgrade;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.models.files.FilePurpose;
import io.caravan.kill.Boundaries;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Api;
import io.caravan.routes.fake.Ending;
import io.caravan.routes.fake.Fault;
import io.caravan.routes.kill.AgentJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Pattern;

/** A process whose threads are stopped, each at another file, until the process is killed. */
final class UpgradeLastDay {
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration LATER = Duration.ofHours(1);
  private static final String BAD_LINE = "this is no request";

  private final UpgradeSite site;
  private final UpgradeEarlierDays earlier;
  private final Path record;
  private final Path stays;
  private final int port;
  private final Api api;

  UpgradeLastDay(UpgradeEarlierDays earlier) throws IOException {
    this.site = earlier.site();
    this.earlier = earlier;
    this.record = site.folder().resolve("record.txt");
    this.stays = Files.createFile(site.folder().resolve("stays.txt"));
    this.port = TestCaravan.freePort();
    this.api = new Api("http://127.0.0.1:" + port);
  }

  /** Prevents the embedded server from publishing the files of a batch. */
  interface Hold {
    void begin() throws IOException, SQLException;
  }

  /** Runs until all threads are stopped, then is killed. */
  void pass(Hold publication) throws Exception {
    var variables = site.variables(port);
    variables.put(Boundaries.RECORD, record.toString());
    variables.put(Boundaries.STAY, stays.toString());
    variables.put(
        "JAVA_OPTS",
        "-XX:TieredStopAtLevel=1 -javaagent:" + AgentJar.write(site.folder().resolve("agent.jar")));
    try (CaravanProcess caravan = CaravanProcess.start(site.folder(), variables)) {
      try {
        caravan.awaitReady(port);
        fillTheQueue();
        sendAgain();
        stayWithEndedBatches();
        stayWithRunningBatches();
        serve(publication);
        stayBeforeABatch();
      } finally {
        Files.writeString(site.folder().resolve("output.txt"), caravan.output());
      }
      caravan.kill();
    }
  }

  /** Parts that are too large for their queue, or wait for it. */
  private void fillTheQueue() throws IOException {
    site.provider().withQueueOf(100).withBatchesOf(SOON);
    String text = "about what fills a queue ".repeat(6);
    site.drop(
        "inbox",
        "divided.jsonl",
        mini("divided-1", text),
        mini("divided-2", text),
        mini("divided-3", text));
    String divided = api.awaitJob("divided.jsonl", job -> waits(job, "room")).path("id").asText();
    site.drop("inbox", "uploaded.jsonl", mini("uploaded-1", text.repeat(3)).replace("-mini", ""));
    api.awaitJob("uploaded.jsonl", job -> waits(job, "room"));
    site.provider().withBatchesOf(LATER);
    api.post("/caravan/jobs/" + divided + "/retry", "");
    api.awaitJob(
        "divided.jsonl",
        job ->
            job.findValuesAsText("status").contains("submitted")
                && job.toString().contains("tokens already queued"));
    site.provider().withQueueOf(Long.MAX_VALUE);
  }

  private static String mini(String customId, String text) {
    return Line.chat(customId, text).replace("gpt-4.1-nano", "gpt-4.1-mini");
  }

  private static boolean waits(JsonNode job, String why) {
    return job.path("waits_for").toString().contains(why);
  }

  /** Unfinished requests of an expired batch wait in a further part. */
  private void sendAgain() throws IOException {
    site.provider()
        .withBatchesOf(SOON)
        .ending(ids -> ids.contains("resend-1") ? Ending.expired(1) : Ending.COMPLETED);
    site.drop("inbox", "resend.jsonl", UpgradeEarlierDays.lines("resend", "-1", "-2", "-3"));
    api.awaitJob("resend.jsonl", job -> job.path("parts").size() == 2);
  }

  private void stayWithEndedBatches() throws IOException {
    stay("ended", "before rename workspace/JOB/part-N.output.jsonl");
    stay("retrieved", "after update part ENDED -> RETRIEVED");
    stay("settling", "before update job IN_PROGRESS -> SETTLED");
    stay("settled", "after rename outbox/results/settled.results.jsonl");
    stay("results-delivered", "after update job SETTLED -> RESULTS_DELIVERED");
    stay("errors-delivered", "after update job RESULTS_DELIVERED -> ERRORS_DELIVERED");
    site.provider()
        .onCreate(Fault.refused(400, Fault.error("This model is not for you.", "no_access")));
    stay("refused-part", "after update part CREATING -> REFUSED");
  }

  private void stayWithRunningBatches() throws IOException {
    site.provider().withBatchesOf(LATER);
    site.drop(
        "inbox",
        "submitted.jsonl",
        UpgradeEarlierDays.lines("submitted", "-1", "-2", "-3", "-4", "-5", "-6"));
    api.awaitJob("submitted.jsonl", job -> count(job, "submitted") == 2);
    site.drop("inbox", "table.csv", "id,question", "7,Is it fast?", "8,Is it loud?");
    api.awaitJob("table.csv", job -> count(job, "submitted") == 1);
    arm("cancelling", "after update part SUBMITTED");
    site.drop("inbox", "cancelling.jsonl", lines("cancelling"));
    JsonNode cancelling = api.awaitJob("cancelling.jsonl", job -> count(job, "submitted") == 1);
    api.post("/caravan/jobs/" + cancelling.path("id").asText() + "/cancel", "");
    awaitStay("after update part SUBMITTED");
    stay("uploading-1", "before openai-post-file");
    stay("uploading-2", "after openai-post-file");
    stay("creating-1", "before openai-post-batch");
    stay("creating-2", "after openai-post-batch");
  }

  private static long count(JsonNode job, String status) {
    return job.path("parts").findValuesAsText("status").stream().filter(status::equals).count();
  }

  /** Batches of the embedded server; three of them run at a time. */
  private void serve(Hold publication) throws IOException, SQLException {
    earlier.upload(api, "pending", false);
    site.upstream().hold();
    String cancelled = api.create("cancelled", "gpt-4.1-nano", 2);
    api.awaitBatch(cancelled, "in_progress");
    api.cancel(cancelled);
    api.awaitBatch(cancelled, "cancelled");
    String passedOn = api.create("passed-on-running", "openai:gpt-4.1-nano", 2);
    api.awaitJob(passedOn + ".jsonl", job -> count(job, "submitted") == 1);
    site.drop("inbox-shop", "running.jsonl", Line.chats("running", 12));
    api.awaitJob("running.jsonl", job -> count(job, "submitted") == 1);
    await("the first answers")
        .atMost(LONGEST)
        .pollInterval(Duration.ofSeconds(2))
        .until(() -> {
          site.upstream().letGo(1); // maybe for a batch that has ended
          return api.job("running.jsonl").path("results").asInt() > 0;
        });
    stayWithPublications(publication);
  }

  private void stayWithPublications(Hold publication) throws IOException, SQLException {
    Path embedding =
        Files.writeString(
            site.folder().resolve("embedding.jsonl"),
            TestCaravan.text(Line.embedding("finalizing-1", "Hello")));
    Path chats =
        Files.writeString(
            site.folder().resolve("chats.jsonl"), TestCaravan.text(Line.chats("served", 2)));
    String one = api.upload(FilePurpose.BATCH, embedding);
    String two = api.upload(FilePurpose.BATCH, chats);
    publication.begin();
    api.awaitBatch(api.create("finalizing", "/v1/embeddings", one), "finalizing");
    String cancelling = api.create("cancelling", "/v1/chat/completions", two);
    api.awaitBatch(cancelling, "in_progress");
    api.cancel(cancelling);
    api.create("validating", "/v1/chat/completions", two);
  }

  /** An unclaimed part, held jobs, and files that are about to be accepted. */
  private void stayBeforeABatch() throws IOException {
    for (String held : new String[] {"held", "dear"}) {
      site.drop("inbox", held + ".jsonl", Line.chat(held + "-1", "x").replace("4.1-nano", "none"));
      api.awaitJob(held + ".jsonl", job -> waits(job, "no price of gpt-none"));
    }
    stay("accepted", "before plan job ACCEPTED -> IN_PROGRESS");
    stay("planned", "after claimParts part PLANNED");
    arm("arriving", "before accept job ACCEPTED");
    site.drop("inbox-shop", "arriving.jsonl", Line.embedding("arriving-1", "Hello"));
    awaitStay("before accept job ACCEPTED");
    stay("inboxed", "after accept job ACCEPTED");
  }

  private void stay(String stem, String boundary) throws IOException {
    arm(stem, boundary);
    site.drop("inbox", stem + ".jsonl", lines(stem));
    awaitStay(boundary);
  }

  private static String[] lines(String stem) {
    return new String[] {
      Line.chat(stem + "-1", "about " + stem), Line.chat(stem + "-2", "about " + stem), BAD_LINE
    };
  }

  /** Prevents new files in the embedded server's folder. */
  void stayWithFiles() throws IOException {
    arm("files", "before rename server/content/");
  }

  private void arm(String stem, String boundary) throws IOException {
    Files.writeString(
        stays, Pattern.quote(boundary) + ".* of .*" + stem + ".*\n", StandardOpenOption.APPEND);
  }

  private void awaitStay(String boundary) {
    await("a thread stops " + boundary)
        .atMost(LONGEST)
        .pollInterval(Duration.ofMillis(50))
        .until(() ->
            Files.readAllLines(record).stream()
                .anyMatch(line -> line.startsWith("stays\t" + boundary + "\t")));
  }
}
