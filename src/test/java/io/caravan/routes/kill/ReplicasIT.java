package io.caravan.routes.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.job.PostgresServer;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.s3.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs several processes on one inbox, workspace and PostgreSQL, and kills some or freezes them
 * until others have taken over.
 */
@Tag("thorough")
class ReplicasIT {
  private static final int JOBS = 24;
  private static final Random RANDOM = new Random(20260303);

  /** A lease lasts ten seconds by default; others poll for work every 150 ms. */
  private static final Duration LONGEST_TAKEOVER = Duration.ofSeconds(15);

  private static PostgresServer postgres;

  @TempDir Path folder;
  private final List<CaravanProcess> replicas = new ArrayList<>();

  @BeforeAll
  static void startPostgres() throws IOException {
    postgres = PostgresServer.start();
  }

  @AfterAll
  static void stopPostgres() throws IOException {
    postgres.close();
  }

  @AfterEach
  void stopReplicas() {
    replicas.forEach(CaravanProcess::close);
    postgres.emptied();
  }

  @Test
  void losesAndRepeatsNothingWhenEachIsKilledInTurn() throws Exception {
    try (var provider = new CountingProvider(7).withBatchesOf(Duration.ofMillis(1500))) {
      KillFolder caravan = share(provider);
      startThree(caravan);
      for (int victim = 0; victim < 3; victim++) {
        for (int job = 0; job < JOBS / 3; job++) {
          caravan.drop("j-%d-%d".formatted(victim, job), 20);
        }
        replicas.get(victim).runsFor(Duration.ofMillis(RANDOM.nextInt(1500)));
        replicas.get(victim).kill();
        start(caravan).awaitStarted();
      }
      caravan.awaitReleased(replicas.getLast());

      assertThat(caravan.problems(Map.of())).as(outputs()).isEmpty();
    }
  }

  @Test
  void takesOverSoonAfterAKill() throws Exception {
    try (var provider = new CountingProvider(8).withBatchesOf(Duration.ofMillis(300))) {
      KillFolder caravan = share(provider);
      start(caravan).awaitStarted();
      provider.withBatchesOf(Duration.ofSeconds(4));
      for (int job = 0; job < 4; job++) {
        caravan.drop("t-" + job, 5);
      }
      await().until(() -> provider.account().batches().size() == 4);
      start(caravan).awaitStarted();

      replicas.getFirst().kill();
      Instant killed = Instant.now();
      caravan.awaitReleased(replicas.getLast());

      assertThat(Duration.between(killed, Instant.now())).isLessThan(LONGEST_TAKEOVER);
      assertThat(caravan.problems(Map.of())).as(outputs()).isEmpty();
    }
  }

  /** Each replica has its own data folder, like pods without a shared volume. */
  @Test
  void needsNoSharedDiskWithS3Workspace() throws Exception {
    try (var provider = new CountingProvider(10).withBatchesOf(Duration.ofSeconds(1));
        var s3 = S3Server.start(folder.resolve("s3")).with("workspace")) {
      KillFolder caravan =
          share(provider)
              .with("CARAVAN_WORKSPACE_URL", "s3://workspace/caravan")
              .with("CARAVAN_DATABASE_LEASE", "2s");
      s3.environment().forEach(caravan::with);
      for (int i = 0; i < 3; i++) {
        startAlone(caravan);
      }
      replicas.forEach(CaravanProcess::awaitStarted);
      for (int victim = 0; victim < 2; victim++) {
        for (int job = 0; job < 6; job++) {
          caravan.drop("s-%d-%d".formatted(victim, job), 20);
        }
        replicas.get(victim).runsFor(Duration.ofMillis(500 + RANDOM.nextInt(1000)));
        replicas.get(victim).kill();
      }
      startAlone(caravan).awaitStarted();
      caravan.awaitReleased(replicas.getLast());

      assertThat(caravan.problems(Map.of())).as(outputs()).isEmpty();
      await("empty prefixes in the bucket")
          .until(() ->
              caravan.jobs().stream()
                  .allMatch(id -> s3.keys("workspace", "caravan/" + id + "/").isEmpty()));
      assertThat(folder.resolve("data")).doesNotExist();
    }
  }

  private CaravanProcess startAlone(KillFolder caravan) throws IOException {
    replicas.add(caravan.start(Map.of("CARAVAN_DATA", "data-" + replicas.size())));
    return replicas.getLast();
  }

  /** The replica resumes before a call that others have already made. */
  @Test
  void fencesAFrozenReplicaWhenItResumes() throws Exception {
    try (var provider = new CountingProvider(9).withBatchesOf(Duration.ofMillis(300))) {
      KillFolder caravan = share(provider).with("CARAVAN_DATABASE_LEASE", "2s");
      startThree(caravan);
      for (int round = 0; round < 3; round++) {
        for (int job = 0; job < 4; job++) {
          caravan.drop("z-%d-%d".formatted(round, job), 10);
        }
        CaravanProcess frozen = replicas.get(round);
        frozen.runsFor(Duration.ofMillis(RANDOM.nextInt(1500)));
        frozen.freeze();
        frozen.runsFor(Duration.ofSeconds(4)); // longer than its lease
        frozen.thaw();
      }
      caravan.awaitReleased(replicas.getLast());

      assertThat(replicas).allMatch(CaravanProcess::isAlive);
      assertThat(outputs()).contains("lost its lease");
      assertThat(caravan.problems(Map.of())).as(outputs()).isEmpty();
    }
  }

  private KillFolder share(CountingProvider provider) throws IOException {
    return new KillFolder(folder, provider).with("CARAVAN_DATABASE_URL", postgres.url());
  }

  private void startThree(KillFolder caravan) throws IOException {
    for (int i = 0; i < 3; i++) {
      start(caravan);
    }
    replicas.forEach(CaravanProcess::awaitStarted);
  }

  private CaravanProcess start(KillFolder caravan) throws IOException {
    replicas.add(caravan.start(Map.of()));
    return replicas.getLast();
  }

  private String outputs() throws IOException {
    var all = new StringBuilder();
    for (CaravanProcess replica : replicas) {
      all.append("--- a replica\n").append(replica.output());
    }
    return all.toString();
  }
}
