package io.caravan.flow.inbox;

import static io.caravan.job.Rows.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.api.condition.OS.LINUX;

import io.caravan.TestClock;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.UntakenNotes;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class InboxFilterTest {
  private static final Duration QUIET = Duration.ofMillis(500);
  private static final Duration QUIET_UNFINISHED = Duration.ofSeconds(10);

  @TempDir private Path inbox;
  private final TestClock clock = new TestClock(NOON);
  private final UntakenNotes notes = new UntakenNotes();
  private final InboxFilter filter = filter(false);

  @ParameterizedTest
  @ValueSource(
      strings = {"x.jsonl", "X.JSONL", "x.Jsonl.GZ", "x.y.jsonl.gz", "größe 雪.jsonl", "x.ndjson"})
  void takesJsonLinesInAnyLetterCase(String name) throws IOException {
    assertThat(takes(drop(name, "{}\n"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.csv", "X.CSV.gz", "x.txt", "x.txt.gz"})
  void takesTablesAndTexts(String name) throws IOException {
    assertThat(takes(drop(name, "a\n"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x.json", "x.jsonl.tmp", "x.jsonl~", "x.gz", "jsonl", "x.jsonl.zip", "x.csv~"})
  void ignoresOtherFiles(String name) throws IOException {
    assertThat(takes(drop(name, "{}\n"))).isFalse();
  }

  @Test
  void ignoresHiddenFilesAndFolders() throws Exception {
    drop(".x.jsonl", "{}\n");
    Files.createDirectories(inbox.resolve(".accepted"));
    drop(".accepted/x.jsonl", "{}\n");
    drop("seen.jsonl", "{}\n");
    try (var camel = new DefaultCamelContext();
        var consumer = camel.createConsumerTemplate()) {
      camel.getRegistry().bind("inboxFilter", filter(true, false, Clock.systemUTC()));
      camel.start();
      String uri = "file:" + inbox + "?filter=#inboxFilter&recursive=true&noop=true&initialDelay=0";

      assertThat(consumer.receiveBody(uri, 5000, File.class)).hasName("seen.jsonl");
      assertThat(consumer.receiveBody(uri, 50)).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"x.jsonl, false", "x.jsonl, true", "folder, false", "folder, true"})
  void entersSubfoldersIfConfigured(String name, boolean subfolders) throws IOException {
    Path folder = Files.createDirectory(inbox.resolve(name));

    assertThat(filter(subfolders).accept(generic(folder))).isEqualTo(subfolders);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 60_000, 172_800_000, -1, -99_999_999})
  void takesAFileThatIsUnchangedByOurClockWhateverItsDate(long millisAgo) throws IOException {
    Path file = drop("x.jsonl", "{}\n");
    Files.setLastModifiedTime(file, FileTime.from(NOON.minusMillis(millisAgo)));

    assertThat(look(file)).isFalse();
    clock.advance(QUIET.minusMillis(1));
    assertThat(look(file)).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(look(file)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {172_800_000, -172_800_000})
  void waitsForAGrowingFileWithAFixedDate(long millisAgo) throws IOException {
    Path file = drop("x.jsonl", "{}\n");
    for (int i = 0; i < 20; i++) {
      Files.writeString(file, "{}\n", StandardOpenOption.APPEND);
      Files.setLastModifiedTime(file, FileTime.from(NOON.minusMillis(millisAgo)));
      assertThat(look(file)).isFalse();
      clock.advance(QUIET);
    }
    assertThat(look(file)).isTrue();
  }

  @Test
  void startsOverWhenTheClockIsSetBack() throws IOException {
    Path file = drop("x.jsonl", "{}\n");
    clock.advance(Duration.ofHours(5));
    assertThat(look(file)).isFalse();
    clock.advance(Duration.ofHours(-5));

    assertThat(takes(file)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void followsLinksOnlyIfConfigured(boolean follow) throws IOException {
    Path elsewhere = Files.createDirectory(inbox.resolve("elsewhere"));
    Path secret = drop("elsewhere/secret", "{}\n");
    Path file = Files.createSymbolicLink(inbox.resolve("x.jsonl"), secret);
    Path directory = Files.createSymbolicLink(inbox.resolve("linked"), elsewhere);
    InboxFilter filter = filter(true, follow, clock);

    filter.accept(generic(file));
    clock.advance(QUIET_UNFINISHED);

    assertThat(filter.accept(generic(file))).isEqualTo(follow);
    assertThat(filter.accept(generic(directory))).isEqualTo(follow);
  }

  @ParameterizedTest
  @CsvSource({"'{}', false", "'', false", "'{}\n{', false", "'\n', true", "'{}\r\n', true"})
  void waitsLongerForAFileWithoutAFinalLineEnd(String content, boolean whole) throws IOException {
    Path file = drop("x.jsonl", content);
    Files.setLastModifiedTime(file, FileTime.from(NOON));

    assertThat(look(file)).isFalse();
    clock.advance(QUIET_UNFINISHED.minusMillis(1));
    assertThat(look(file)).isEqualTo(whole);
    clock.advance(Duration.ofMillis(1));
    assertThat(look(file)).isTrue();
  }

  @Test
  void ignoresLineEndsInCompressedFiles() throws IOException {
    Path file = drop("x.jsonl.GZ", "\u001f without an end");
    Files.setLastModifiedTime(file, FileTime.from(NOON));

    assertThat(takes(file)).isTrue();
  }

  @Test
  @EnabledOnOs(LINUX)
  void waitsForAFileThatIsOpenForWriting() throws IOException {
    Path file = drop("x.jsonl", "{}\n");
    try (var writer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      writer.write("{}\n".getBytes(StandardCharsets.US_ASCII));
      clock.advance(Duration.ofDays(99_999));
      assertThat(takes(file)).isFalse();
    }
    clock.advance(Duration.ofSeconds(1));
    assertThat(takes(file)).isTrue();
  }

  @Test
  void waitsAfterAFileCouldNotBeStored() throws IOException {
    Path file = drop("x.jsonl", "{}\n");
    assertThat(takes(file)).isTrue();
    filter.setBack(file, Duration.ofSeconds(5));

    clock.advance(Duration.ofMillis(4499));
    assertThat(takes(drop("other.jsonl", "{}\n"))).isTrue();
    assertThat(look(file)).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(look(file)).isTrue();
  }

  @Test
  void showsWhyAFileCouldNotBeStoredUntilItIsTaken() throws IOException {
    Path file = drop("x.jsonl", "{}\n");
    assertThat(takes(file)).isTrue();
    filter.notStored(file, Duration.ofSeconds(5), "could not be stored");

    assertThat(look(file)).isFalse();
    assertThat(notes.reasons()).containsExactly(entry(file.toString(), "could not be stored"));
    clock.advance(Duration.ofSeconds(5));
    assertThat(look(file)).isTrue();
    assertThat(notes.reasons()).isEmpty();
  }

  @Test
  void toleratesAMissingFile() throws IOException {
    Path file = drop("x.jsonl", "{}\n");
    GenericFile<File> seen = generic(file);
    Files.delete(file);

    assertThat(filter.accept(seen)).isFalse();
  }

  @Test
  void ignoresABrokenLink() throws IOException {
    Path link = Files.createSymbolicLink(inbox.resolve("x.jsonl"), inbox.resolve("nowhere"));

    assertThat(takes(link)).isFalse();
  }

  @Test
  void recordsFilesUntilTheyAreTaken() throws IOException {
    Path other = drop("notes.md", "Why?\n");
    Path folder = Files.createDirectory(inbox.resolve("folder"));
    Path input = drop("x.jsonl", "{}\n");
    look(folder);
    takes(input);
    look(other);
    clock.advance(QUIET_UNFINISHED);
    look(other);

    assertThat(notes.reasons()).containsOnlyKeys(folder.toString(), other.toString());
    assertThat(notes.reasons().get(other.toString()))
        .startsWith("stays where it is: only files ending in .jsonl");
  }

  @Test
  void deletesTheRecordOnceTheFileIsTaken() throws IOException {
    Path file = drop("x.jsonl", "{}\n");
    Path link = Files.createSymbolicLink(inbox.resolve("y.jsonl"), file);
    look(link);
    assertThat(notes.reasons()).containsKey(link.toString());

    Files.delete(link);
    Files.move(file, link);
    assertThat(takes(link)).isTrue();

    assertThat(notes.reasons()).isEmpty();
  }

  private InboxFilter filter(boolean subfolders) {
    return filter(subfolders, false, clock);
  }

  private InboxFilter filter(boolean subfolders, boolean followLinks, Clock clock) {
    var settings =
        new FlowProperties.Intake(
            QUIET, QUIET_UNFINISHED, subfolders, followLinks, DataSize.ofGigabytes(10));
    return new InboxFilter(settings, new NotTaken(notes, clock), clock);
  }

  /** A file that was written long ago. */
  private Path drop(String name, String content) throws IOException {
    Path file = Files.writeString(inbox.resolve(name), content);
    return Files.setLastModifiedTime(file, FileTime.from(NOON.minus(Duration.ofHours(1))));
  }

  private boolean look(Path file) {
    return filter.accept(generic(file));
  }

  /** Checks the file twice. */
  private boolean takes(Path file) {
    look(file);
    clock.advance(QUIET);
    return look(file);
  }

  private static GenericFile<File> generic(Path path) {
    var file = new GenericFile<File>();
    file.setFile(path.toFile());
    file.setDirectory(Files.isDirectory(path));
    return file;
  }
}
