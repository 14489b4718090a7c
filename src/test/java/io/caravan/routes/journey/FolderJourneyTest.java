package io.caravan.routes.journey;

import static io.caravan.routes.Line.embedding;
import static io.caravan.routes.TestCaravan.staysFor;
import static io.caravan.routes.TestCaravan.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.flow.CaravanHeaders;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Upstream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests folder inboxes with the shipped routes and the embedded server. */
@ExtendWith(OutputCaptureExtension.class)
class FolderJourneyTest {
  private static Upstream upstream;
  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    upstream = new Upstream();
    caravan = TestCaravan.in(folder).with("caravan.upstream.url", upstream.url()).start();
  }

  @AfterAll
  static void stop() {
    caravan.close();
    upstream.close();
  }

  @Test
  void deliversAFileFromInboxToOutbox() throws IOException {
    Path dropped =
        caravan.drop("good.jsonl", embedding("a", "A kettle."), embedding("b", "A pan."));

    Outcome outcome = caravan.awaitReport("good").counts(2, 2, 0);

    assertThat(outcome.resultIds()).containsExactly("a", "b");
    assertThat(outcome.results())
        .allSatisfy(line -> {
          assertThat(line.at("/response/status_code").asInt()).isEqualTo(200);
          assertThat(line.at("/response/body/data/0/embedding")).hasSize(384);
        });
    assertThat(outcome.report().at("/usage/total_tokens").asInt()).isPositive();
    assertThat(dropped).doesNotExist();
    assertThat(caravan.accepted("good.jsonl")).exists();
    assertThat(caravan.outbox().resolve("errors/good.errors.jsonl")).doesNotExist();
  }

  @Test
  void keepsResultsAndErrorsOfAMixedFileInInputOrder() throws IOException {
    caravan.drop(
        "mixed.jsonl",
        embedding("m-1", "Mixed, one."),
        "this is no JSON",
        embedding("m-3", ""),
        embedding("m-4", "Mixed, four."),
        embedding("m-1", "Repeats line 1."),
        Line.chat("m-6", "Another endpoint."),
        embedding("m-7", ""),
        "{\"custom_id\": \"m-8\"}",
        embedding("m-9", "Mixed, nine."));

    Outcome outcome = caravan.awaitReport("mixed").counts(9, 4, 5);

    assertThat(outcome.resultIds()).containsExactly("m-1", "m-4", "m-6", "m-9");
    assertThat(outcome.errors().stream().map(line -> line.at("/error/line").asInt()))
        .containsExactly(2, 0, 5, 0, 8);
    assertThat(outcome.errorIds()).containsExactly("null", "m-3", "m-1", "m-7", "m-8");
    assertThat(outcome.errorOf("m-3").at("/response/status_code").asInt()).isEqualTo(400);
    assertThat(outcome.messageOf("m-1"))
        .isEqualTo(
            "mixed.jsonl line 5: custom_id \"m-1\" repeats line 1."
                + " Make every custom_id unique in a file.");
    assertThat(outcome.report().path("problems")).hasSize(5);
    assertThat(outcome.report().path("parts")).as("one for each endpoint").hasSize(2);
  }

  @Test
  void runsTheChatSampleThroughAnUpstream() throws IOException {
    caravan.drop("chat.jsonl", Files.readAllBytes(Path.of("samples/chat.jsonl")));

    Outcome outcome = caravan.awaitReport("chat").counts(3, 3, 0);

    assertThat(outcome.results())
        .allSatisfy(line ->
            assertThat(line.at("/response/body/choices/0/message/content").asText())
                .isEqualTo("Yes."));
  }

  /** For example a delivery by a frozen replica that resumes after losing its lease. */
  @Test
  void keepsDeliveredFileWhenALateDeliveryFails() throws IOException {
    caravan.drop("late.jsonl", embedding("l", "Late."));
    Outcome outcome = caravan.awaitReport("late").counts(1, 1, 0);
    Path results = caravan.outbox().resolve("results/late.results.jsonl");
    byte[] delivered = Files.readAllBytes(results);

    Exchange late =
        caravan.send(
            "direct:default-results",
            new SequenceInputStream(
                new ByteArrayInputStream("{\"custom_id\":".getBytes(UTF_8)), new FailingStream()),
            Map.of(
                CaravanHeaders.JOB, outcome.report().path("job").asText(),
                CaravanHeaders.FILE_NAME, "late.results.jsonl",
                CaravanHeaders.KIND, "results"));

    assertThat(late.getException()).hasRootCauseMessage("the lease has lapsed");
    assertThat(results).hasBinaryContent(delivered);
  }

  @Test
  void acceptsGzippedFiles() throws IOException {
    caravan.drop("packed.jsonl.gz", gzip(text(embedding("g", "Packed."))));

    assertThat(caravan.awaitReport("packed").counts(1, 1, 0).resultIds()).containsExactly("g");
  }

  @Test
  void skipsByteOrderMarksCarriageReturnsAndBlankLines() throws IOException {
    String lines =
        "\uFEFF%s\r\n\r\n  \r\n%s"
            .formatted(embedding("w-1", "From Windows."), embedding("w-2", "Without an end."));
    caravan.drop("windows.jsonl", lines.getBytes(UTF_8));

    assertThat(caravan.awaitReport("windows").counts(2, 2, 0).resultIds())
        .containsExactly("w-1", "w-2");
  }

  @Test
  void acceptsSlowlyWrittenFileOnceAndComplete() throws IOException {
    Path file = caravan.inbox().resolve("slow.jsonl");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 1; i <= 3; i++) {
        out.write(text(embedding("s-" + i, "Slow " + i)).getBytes(UTF_8));
        out.flush();
        staysFor(Duration.ofMillis(900), file);
      }
    }

    assertThat(caravan.awaitReport("slow").counts(3, 3, 0).resultIds())
        .containsExactly("s-1", "s-2", "s-3");
    assertThat(caravan.outcomes("slow")).hasSize(1);
  }

  @Test
  void waitsForTheEndOfTheLastLine() throws IOException {
    String lines = text(embedding("h-1", "Half."), embedding("h-2", "Whole."));
    Path file = caravan.drop("half.jsonl", lines.substring(0, 100).getBytes(UTF_8));
    staysFor(Duration.ofMillis(800), file);
    Files.writeString(file, lines.substring(100), StandardOpenOption.APPEND);

    caravan.awaitReport("half").counts(2, 2, 0);
  }

  @Test
  void ignoresHiddenFilesAndOtherSuffixes() throws IOException {
    var others = new ArrayList<Path>();
    for (String name : List.of(".hidden.jsonl", "notes.md", "upload.jsonl.tmp", "list.json")) {
      others.add(caravan.drop(name, embedding("o", "Not for Caravan: " + name)));
    }
    caravan.drop("beside.jsonl", embedding("n", "Beside others."));

    caravan.awaitReport("beside");

    assertThat(others).allSatisfy(other -> assertThat(other).exists());
  }

  @Test
  void rejectsEmptyFile() throws IOException {
    caravan.drop("empty.jsonl", new byte[0]);

    assertThat(caravan.awaitReport("empty").refusal())
        .isEqualTo("empty.jsonl: the file is empty. Write one request a line.");
  }

  @Test
  void rejectsFileOfBlankLines() throws IOException {
    caravan.drop("blank.jsonl", "", "   ", "");

    assertThat(caravan.awaitReport("blank").refusal())
        .isEqualTo("blank.jsonl: the file holds only blank lines. Write one request a line.");
  }

  @Test
  void rejectsTruncatedGzip() throws IOException {
    byte[] whole = gzip(text(embedding("t", "Truncated.")));
    caravan.drop("cut.jsonl.gz", Arrays.copyOf(whole, whole.length - 12));

    assertThat(caravan.awaitReport("cut").refusal())
        .isEqualTo("cut.jsonl.gz: the gzip content ends too early. Send the whole file.");
  }

  @Test
  void ignoresFolderNamedLikeAFile(CapturedOutput output) throws IOException {
    Path folder = Files.createDirectories(caravan.inbox().resolve("folder.jsonl"));
    Path inside = Files.writeString(folder.resolve("x.jsonl"), text(embedding("x", "Inside.")));

    await().until(() -> output.getAll().contains(folder + " is a folder, and stays where it is."));

    caravan.drop("after-folder.jsonl", embedding("a", "After the folder."));
    caravan.awaitReport("after-folder").counts(1, 1, 0);
    assertThat(inside).exists();
  }

  @Test
  void rejectsLineOf100MegabytesAndSendsTheOthers() throws IOException {
    Path file = caravan.inbox().resolve("long.jsonl");
    byte[] megabyte = new byte[1 << 20];
    Arrays.fill(megabyte, (byte) 'x');
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(text(embedding("l-1", "Before the long one.")).getBytes(UTF_8));
      for (int i = 0; i < 100; i++) {
        out.write(megabyte);
      }
      out.write(("\n" + text(embedding("l-3", "After the long one."))).getBytes(UTF_8));
    }

    Outcome outcome = caravan.awaitReport("long").counts(3, 2, 1);

    assertThat(outcome.resultIds()).containsExactly("l-1", "l-3");
    assertThat(outcome.errors().getFirst().at("/error/message").asText())
        .startsWith("long.jsonl line 2: the line has 104,857,600 bytes, more than the maximum of");
  }

  @Test
  void rejectsSameContentAndNamesTheEarlierJob() throws IOException {
    String[] lines = {embedding("d-1", "Dropped twice."), embedding("d-2", "And again.")};
    caravan.drop("first.jsonl", lines);
    String earlier = caravan.awaitReport("first").counts(2, 2, 0).job();

    caravan.drop("second.jsonl", lines);
    caravan.drop("third.jsonl.gz", gzip(text(lines)));
    Path sameName = caravan.drop("first.jsonl", lines);

    for (Outcome outcome :
        new Outcome[] {
          caravan.awaitReport("second"),
          caravan.awaitReport("third"),
          caravan.awaitAnotherReport("first")
        }) {
      assertThat(outcome.refusal())
          .contains("the same content as job " + earlier + " (first.jsonl)")
          .contains("Nothing was sent.");
      assertThat(outcome.report().path("parts")).isEmpty();
    }
    assertThat(sameName).doesNotExist();
    assertThat(Outcome.all(caravan.outbox(), "first").getFirst().job()).isEqualTo(earlier);
  }

  @Test
  void acceptsSameContentAfterAFailedJob() throws IOException {
    String line = embedding("n", "");
    caravan.drop("nothing.jsonl", line);
    caravan.awaitReport("nothing").counts(1, 0, 1);

    caravan.drop("nothing-again.jsonl", line);

    Outcome again = caravan.awaitReport("nothing-again").counts(1, 0, 1);
    assertThat(again.errorOf("n").at("/response/status_code").asInt()).isEqualTo(400);
  }

  @Test
  void neverOverwritesOutputsOfAFileWithTheSameName() throws IOException {
    caravan.drop("twin.jsonl", embedding("t-1", "The first twin."));
    Outcome first = caravan.awaitReport("twin");
    caravan.drop("twin.jsonl", embedding("t-2", "The second twin."));
    Outcome second = caravan.awaitAnotherReport("twin");

    assertThat(first.resultIds()).containsExactly("t-1");
    assertThat(second.resultIds()).containsExactly("t-2");
    assertThat(second.file()).hasFileName("twin." + second.job() + ".report.json");
    assertThat(caravan.outbox().resolve("results/twin." + second.job() + ".results.jsonl"))
        .exists();
    assertThat(caravan.accepted("twin.jsonl")).content().contains("The first twin.");
    assertThat(caravan.accepted("twin." + second.job() + ".jsonl"))
        .content()
        .contains("The second twin.");
  }

  @Test
  void reusesANameOnceItsOutputsAreRemoved() throws IOException {
    caravan.drop("fetched.jsonl", embedding("f-1", "Fetched, one."));
    Outcome first = caravan.awaitReport("fetched");
    Path elsewhere = Files.createDirectories(caravan.outbox().resolveSibling("elsewhere"));
    Path results = caravan.outbox().resolve("results/fetched.results.jsonl");
    Files.move(results, elsewhere.resolve("fetched.results.jsonl"));
    Files.move(first.file(), elsewhere.resolve("fetched.report.json"));

    caravan.drop("fetched.jsonl", embedding("f-2", "Fetched, two."));

    Outcome second = caravan.awaitReport("fetched");
    assertThat(second.job()).isNotEqualTo(first.job());
    assertThat(second.file()).hasFileName("fetched.report.json");
    assertThat(second.resultIds()).containsExactly("f-2");
    assertThat(results).exists();
  }

  @Test
  void acceptsFilesOfAnyName() throws IOException {
    List<String> stems =
        List.of(
            "my reviews of may",
            "größe 日本 🐪",
            "-rf",
            "--help",
            "100% (sure) + more & [others]",
            "${sys:user.name} #{1} {{caravan.data}}",
            "a.b.results",
            "semi;colon'quote\"s");
    for (String stem : stems) {
      caravan.drop(stem + ".jsonl", embedding("n", "Named " + stem));
    }

    for (String stem : stems) {
      Outcome outcome = caravan.awaitReport(stem).counts(1, 1, 0);
      assertThat(outcome.report().path("name").asText()).isEqualTo(stem + ".jsonl");
      assertThat(caravan.accepted(stem + ".jsonl")).exists();
    }
  }

  @Test
  void namesOutputsOfOneJobAlike() throws IOException {
    caravan.drop("pair.jsonl", embedding("p-1", "Good alone."));
    caravan.awaitReport("pair").counts(1, 1, 0);
    caravan.drop("pair.jsonl", embedding("p-2", "Good with a bad one."), "bad");
    Outcome second = caravan.awaitAnotherReport("pair").counts(2, 1, 1);

    assertThat(second.file()).hasFileName("pair." + second.job() + ".report.json");
    assertThat(caravan.outbox().resolve("errors/pair.errors.jsonl")).doesNotExist();
  }

  @Test
  void separatesConcurrentFilesOfOneName() throws IOException {
    upstream.hold();
    caravan.awaitAccepted(caravan.drop("busy.jsonl", Line.chats("busy, one", 1)));
    caravan.awaitAccepted(caravan.drop("busy.jsonl", Line.chats("busy, two", 2)));
    caravan.awaitAccepted(caravan.drop("busy.jsonl.gz", gzip(text(Line.chats("busy", 3)))));
    caravan.awaitAccepted(caravan.drop("busy.jsonl", Line.chats("busy, one", 1)));
    upstream.letGo();

    List<Outcome> outcomes = caravan.awaitReports("busy", 4);

    assertThat(outcomes)
        .extracting(outcome -> outcome.results().size())
        .containsExactlyInAnyOrder(1, 2, 3, 0);
    assertThat(outcomes).extracting(Outcome::job).doesNotHaveDuplicates();
    assertThat(outcomes)
        .filteredOn(outcome -> outcome.results().isEmpty())
        .singleElement()
        .satisfies(outcome -> assertThat(outcome.refusal()).contains("the same content as job"));
  }

  private static byte[] gzip(String content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(content.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static final class FailingStream extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("the lease has lapsed");
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return read();
    }
  }
}
