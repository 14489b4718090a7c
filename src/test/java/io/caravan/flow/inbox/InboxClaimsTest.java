package io.caravan.flow.inbox;

import static io.caravan.job.Rows.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.TestClock;
import io.caravan.flow.AnotherReadsException;
import io.caravan.job.StoreId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InboxClaimsTest {
  private final TestClock clock = new TestClock(NOON);
  private final InboxClaims ours = new InboxClaims(new StoreId("ours"), clock);
  private final InboxClaims theirs = new InboxClaims(new StoreId("theirs"), clock);

  @TempDir private Path inbox;
  private Path file;

  @BeforeEach
  void drop() throws IOException {
    file = Files.writeString(inbox.resolve("x.jsonl"), "{}\n");
  }

  @AfterEach
  void close() {
    ours.close();
    theirs.close();
  }

  private static Exchange exchange() {
    return new DefaultExchange(new DefaultCamelContext());
  }

  private static void complete(Exchange exchange) {
    exchange.getExchangeExtension().handoverCompletions().forEach(it -> it.onComplete(exchange));
  }

  @Test
  void excludeOthersUntilTheFileIsMoved() throws IOException {
    Exchange exchange = exchange();
    ours.begin(file, exchange);
    ours.check(file);

    assertThatThrownBy(() -> theirs.begin(file, exchange()))
        .isInstanceOf(AnotherReadsException.class);
    complete(exchange);

    assertThat(inbox.resolve(".x.jsonl.claim")).doesNotExist();
    theirs.begin(file, exchange());
  }

  @Test
  void areTakenOverAtOnceByTheSameStore() throws IOException {
    ours.begin(file, exchange());

    try (var restarted = new InboxClaims(new StoreId("ours"), clock)) {
      restarted.begin(file, exchange());
      restarted.check(file);
    }
  }

  @Test
  void areTakenOverByOthersOnceExpired() throws IOException {
    ours.begin(file, exchange());
    clock.advance(Duration.ofSeconds(59));
    assertThatThrownBy(() -> theirs.begin(file, exchange()))
        .isInstanceOf(AnotherReadsException.class);
    clock.advance(Duration.ofSeconds(2));

    theirs.begin(file, exchange());

    theirs.check(file);
    assertThatThrownBy(() -> ours.check(file)).isInstanceOf(AnotherReadsException.class);
  }

  @Test
  void preventDoubleAcceptanceAfterAFreeze() throws IOException {
    Exchange frozen = exchange();
    ours.begin(file, frozen);
    clock.advance(Duration.ofMinutes(2));
    theirs.begin(file, exchange());

    complete(frozen);

    theirs.check(file);
    assertThat(inbox.resolve(".x.jsonl.claim")).content().startsWith("theirs");
  }

  @Test
  void failForAFileThatWasJustTaken() throws IOException {
    Files.delete(file);
    Exchange exchange = exchange();

    assertThatThrownBy(() -> ours.begin(file, exchange)).isInstanceOf(AnotherReadsException.class);
    complete(exchange);

    assertThat(inbox).isEmptyDirectory();
  }

  @Test
  void areDeletedOnceTheirFileIsGone() throws IOException {
    Path gone = Files.writeString(inbox.resolve("gone.jsonl"), "{}\n");
    theirs.begin(gone, exchange());
    Files.delete(gone);
    clock.advance(Duration.ofMinutes(2));

    ours.begin(file, exchange());

    assertThat(inbox.resolve(".gone.jsonl.claim")).doesNotExist();
  }

  @Test
  void workForTheLongestFileNames() throws IOException {
    Path longest = Files.writeString(inbox.resolve("x".repeat(249) + ".jsonl"), "{}\n");
    Exchange exchange = exchange();

    ours.begin(longest, exchange);
    assertThatThrownBy(() -> theirs.begin(longest, exchange()))
        .isInstanceOf(AnotherReadsException.class);
    complete(exchange);

    theirs.begin(longest, exchange());
  }
}
