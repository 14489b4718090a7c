package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountedBatch;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.StoredFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests files that need several batches with the shipped routes. */
class SplitJourneyTest {
  private CountingProvider provider;
  private TestCaravan caravan;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    provider = new CountingProvider(7).withBatchesOf(Duration.ofMillis(150));
    caravan =
        TestCaravan.in(folder)
            .at(provider)
            .with("caravan.providers.openai.max-requests", 10)
            .with("caravan.providers.openai.max-embedding-inputs", 5)
            .with("caravan.providers.openai.max-batches", 3);
  }

  @AfterEach
  void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  @Test
  void returnsAMixedFileInInputOrder() throws IOException {
    caravan.start();
    List<String> lines = new ArrayList<>();
    for (int i = 1; i <= 120; i++) {
      lines.add(
          i % 3 == 0
              ? Line.embedding("r-" + i, "text")
              : Line.chat("r-" + i, "number " + i).replace("gpt-4.1-nano", "m-" + i % 5));
    }
    lines.set(60, "this is no request");
    caravan.drop("mixed.jsonl", lines.toArray(String[]::new));

    Outcome outcome = caravan.awaitReport("mixed").counts(120, 119, 1);

    assertThat(outcome.resultIds())
        .isEqualTo(
            IntStream.rangeClosed(1, 120).filter(i -> i != 61).mapToObj(i -> "r-" + i).toList());
    assertThat(outcome.report().path("parts"))
        .as("five models of up to 16 chats, ten per part; 40 embeddings, five per part")
        .hasSize(5 * 2 + 8);
    assertThat(provider.account().uploads())
        .hasSize(18)
        .allSatisfy(upload -> assertThat(kinds(upload)).hasSize(1));
    assertThat(mostBatchesAtOnce()).isBetween(2L, 3L);
    assertThat(provider.account().paid()).hasSize(119).containsValue(1L).doesNotContainValue(2L);
  }

  @Test
  @Tag("thorough")
  void splitsTheNextFileByTheLearnedQueueLimit() throws IOException {
    provider.withQueueOf(500);
    caravan.start();
    caravan.drop("first.jsonl", Line.chats("the words of a text ".repeat(15), 10));
    assertThat(statuses(caravan.awaitReport("first").counts(10, 10, 0))).contains("divided");

    caravan.drop("second.jsonl", Line.chats("the texts of a word ".repeat(15), 10));

    Outcome second = caravan.awaitReport("second").counts(10, 10, 0);
    assertThat(statuses(second)).hasSizeGreaterThan(1).doesNotContain("divided");
  }

  private static List<String> statuses(Outcome outcome) {
    var statuses = new ArrayList<String>();
    outcome.report().path("parts").forEach(part -> statuses.add(part.path("status").asText()));
    return statuses;
  }

  private static List<String> kinds(StoredFile upload) {
    return upload.lines().stream()
        .map(Outcome::parse)
        .map(line -> line.path("url").asText() + " " + line.at("/body/model").asText())
        .distinct()
        .toList();
  }

  private long mostBatchesAtOnce() {
    List<Instant> begins =
        provider.account().batches().stream().map(CountedBatch::created).toList();
    return begins.stream()
        .map(begin ->
            provider.account().batches().stream()
                .filter(batch -> !batch.created().isAfter(begin) && batch.ends().isAfter(begin))
                .count())
        .max(Long::compare)
        .orElse(0L);
  }
}
