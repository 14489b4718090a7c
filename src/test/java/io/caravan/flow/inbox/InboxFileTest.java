package io.caravan.flow.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.file.FileConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InboxFileTest {
  @TempDir private Path inbox;

  @Test
  void knowsPathAndName() throws IOException {
    InboxFile drop = drop("team/x.jsonl");

    assertThat(drop.name()).isEqualTo("team/x.jsonl");
    assertThat(drop.source()).isEqualTo(inbox.resolve("team/x.jsonl").toString());
  }

  @Test
  void keepsItsArrivalWhenReadAgain() throws IOException {
    assertThat(drop("x.jsonl").arrival()).isEqualTo(InboxFile.of(message("x.jsonl")).arrival());
  }

  @Test
  void isANewArrivalUnderAnotherName() throws IOException {
    assertThat(drop("x.jsonl").arrival()).isNotEqualTo(drop("y.jsonl").arrival());
  }

  @Test
  void isANewArrivalWhenCopiedAgain() throws IOException {
    String first = drop("x.jsonl").arrival();
    Path file = inbox.resolve("x.jsonl");
    FileTime date = Files.getLastModifiedTime(file);
    Files.move(file, inbox.resolve("accepted"));
    Files.copy(inbox.resolve("accepted"), file); // with its date, as cp -p does
    Files.setLastModifiedTime(file, date);

    assertThat(InboxFile.of(message("x.jsonl")).arrival()).isNotEqualTo(first);
  }

  @Test
  @EnabledOnOs(LINUX)
  void isANewArrivalWhenMovedBack() throws IOException {
    String first = drop("x.jsonl").arrival();
    Path file = inbox.resolve("x.jsonl");
    await()
        .untilAsserted(() -> { // a time that changes as the kernel's clock ticks
          Files.move(file, inbox.resolve("accepted"));
          Files.move(inbox.resolve("accepted"), file);
          assertThat(InboxFile.of(message("x.jsonl")).arrival()).isNotEqualTo(first);
        });
  }

  @Test
  void acceptsAMessageThatIsNotAFile() throws IOException {
    InboxFile first = InboxFile.of(new DefaultExchange(new DefaultCamelContext()).getMessage());
    InboxFile second = InboxFile.of(new DefaultExchange(new DefaultCamelContext()).getMessage());

    assertThat(first.path()).isNull();
    assertThat(first.name()).matches("message-.+\\.jsonl");
    assertThat(first.acceptedName("j1")).isEqualTo(first.name());
    assertThat(first.arrival()).startsWith("message ").isNotEqualTo(second.arrival());
  }

  @ParameterizedTest
  @CsvSource({
    "x.jsonl, x.j1.jsonl",
    "X.JSONL, X.j1.JSONL",
    "x.jsonl.gz, x.j1.jsonl.gz",
    "team/x.jsonl, team/x.j1.jsonl",
    "a.jsonl.jsonl, a.jsonl.j1.jsonl",
    "x.txt, x.j1.txt",
    "x.csv.gz, x.j1.csv.gz",
    "x.pdf, x.pdf.j1"
  })
  void getsAFreeAcceptedName(String name, String other) throws IOException {
    InboxFile drop = drop(name);
    assertThat(drop.acceptedName("j1")).isEqualTo(name);

    Path accepted = inbox.resolve(".accepted").resolve(name);
    Files.createDirectories(accepted.getParent());
    Files.createFile(accepted);
    assertThat(drop.acceptedName("j1")).isEqualTo(other);
  }

  @Test
  void recognisesAFileOfAServerUntilItIsWrittenAgain() throws IOException {
    InboxFile file = remote(1000);

    assertThat(file.path()).isNull();
    assertThat(file.source()).isEqualTo("files.example.com:/inbox/x.jsonl");
    assertThat(file.size()).isEqualTo(7);
    assertThat(remote(1000).arrival()).isEqualTo(file.arrival());
    assertThat(remote(2000).arrival()).isNotEqualTo(file.arrival());
  }

  private InboxFile remote(long modified) throws IOException {
    Message message = message("x.jsonl");
    message.setHeader("CamelFileHost", "files.example.com");
    message.setHeader(FileConstants.FILE_ABSOLUTE_PATH, "/inbox/x.jsonl");
    message.setHeader(FileConstants.FILE_LENGTH, 7L);
    message.setHeader(FileConstants.FILE_LAST_MODIFIED, modified);
    return InboxFile.of(message);
  }

  private InboxFile drop(String name) throws IOException {
    Path file = inbox.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{}\n");
    return InboxFile.of(message(name));
  }

  private Message message(String name) {
    Message message = new DefaultExchange(new DefaultCamelContext()).getMessage();
    message.setHeader(Exchange.FILE_NAME, name);
    message.setHeader(FileConstants.FILE_ABSOLUTE_PATH, inbox.resolve(name).toString());
    return message;
  }
}
