package io.caravan.routes.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.job.PostgresServer;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Api;
import io.caravan.routes.fake.CountedBatch;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.TestTime;
import io.caravan.routes.fake.Upstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that the current application resumes the data of each earlier release, which was killed in
 * the middle of work. See {@code src/test/resources/upgrade/README.md}.
 */
@Tag("thorough")
class UpgradeTest {
  private static final Path DATA = Path.of("src/test/resources/upgrade");

  @TempDir Path folder;

  static List<Path> releases() throws IOException {
    try (Stream<Path> files = Files.walk(DATA)) {
      return files.filter(file -> file.toString().endsWith(".zip")).sorted().toList();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("releases")
  void resumesTheDataOfEarlierReleases(Path release) throws Exception {
    if (release.endsWith("postgresql.zip")) {
      try (PostgresServer postgres = PostgresServer.start()) {
        goOn(UpgradeFolder.unpack(release, folder, postgres.url()));
      }
    } else {
      goOn(UpgradeFolder.unpack(release, folder, ""));
    }
  }

  private void goOn(UpgradeFolder old) throws Exception {
    TestTime time = old.time();
    Map<Path, String> delivered = outputs();
    try (var provider = new CountingProvider(2).withBatchesOf(Duration.ofMillis(200));
        var upstream = new Upstream()) {
      old.restore(provider);
      Set<String> known =
          provider.account().batches().stream().map(CountedBatch::id).collect(Collectors.toSet());
      try (TestCaravan caravan = old.caravan(provider, upstream).withClock(time).start()) {
        var server = new UpgradedServer(new Api(caravan.address()), old.notes());
        var jobs = new UpgradedJobs(caravan, server.api());
        String parked = server.batch("parked").path("id").asText();
        jobs.keepsWhatWaitsForAnOperator(parked);
        server.servesWhatItServed();
        server.takesTheRestOfAnUpload();
        Files.delete(caravan.outbox().resolve("shop")); // it blocked the shop's results
        time.shift(Duration.ofHours(2)); // failed steps wait for an hour or two
        jobs.endsEachOnce();
        jobs.obeysOperators(parked);
        server.endsEveryBatch();
        jobs.hasPaidOnce(provider.account(), known);
        jobs.knowsWhatWasAcceptedBefore();
        assertThat(outputs()).as("delivered files are unchanged").containsAllEntriesOf(delivered);
        jobs.releasesEverything(folder.resolve("data/workspace"), time);
      }
    }
  }

  /** The files in the outbox, with time and content. */
  private Map<Path, String> outputs() throws IOException {
    var outputs = new TreeMap<Path, String>();
    try (Stream<Path> files = Files.walk(folder.resolve("outbox"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.toString().matches(".*/(shop|settled\\.results\\.jsonl)")) {
          outputs.put(file, Files.getLastModifiedTime(file) + " " + Files.readString(file));
        }
      }
    }
    return outputs;
  }
}
