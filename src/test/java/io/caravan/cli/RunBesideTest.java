package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.ConfigurableBootstrapContext;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationRunListener;

/** Tests {@code caravan run} beside services that start and stop. */
class RunBesideTest {
  @TempDir private Path folder;

  /** The first service stops, and another one starts before the command locks the data folder. */
  @ParameterizedTest
  @ValueSource(strings = {"--fail-on-errors", "--again"})
  void followsJobToNextService(String option) throws Exception {
    Path file = Files.writeString(folder.resolve("x.txt"), "Why is the sky blue?\n");
    SqliteStore first = service();
    var next = new CompletableFuture<SqliteStore>();
    Deque<Runnable> starts = new ArrayDeque<>();
    starts.add(() -> {}); // beside the first service
    starts.add(() -> next.complete(service()));
    Map<String, String> settings =
        Map.of(
            "caravan.data",
            folder.resolve("data").toString(),
            "caravan.database.url",
            "jdbc:sqlite:" + folder.resolve("data/caravan.db"));
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      var command =
          threads.submit(() -> {
            var told = new Told[1];
            SpringApplication.withHook(
                application -> new Starts(starts),
                () -> told[0] = Told.by(List.of("run", option, file.toString()), settings));
            return told[0];
          });
      await("its job").until(() -> first.store().overview().latestJobs(2).size() == 1);
      first.close();
      try (SqliteStore second = next.get(20, TimeUnit.SECONDS)) {
        finish(second.store());

        Told told = command.get(20, TimeUnit.SECONDS);

        assertThat(told.text()).contains("x.txt: 1 requests, 1 results, 0 errors");
        assertThat(told.code()).isZero();
        assertThat(second.store().overview().latestJobs(2)).as("paid once").hasSize(1);
      }
    }
  }

  private SqliteStore service() {
    return SqliteStore.in(folder.resolve("data"));
  }

  private static void finish(Store store) {
    Job job = store.overview().latestJobs(1).getFirst();
    job =
        store
            .jobs()
            .update(
                job,
                b -> b.counts(b.counts().withRequests(1).withResults(1)).status(JobStatus.SETTLED));
    job = store.jobs().update(job, b -> b.status(JobStatus.RESULTS_DELIVERED));
    job = store.jobs().update(job, b -> b.status(JobStatus.ERRORS_DELIVERED));
    store.jobs().update(job, b -> b.status(JobStatus.DELIVERED).finishedAt(Instant.now()));
  }

  /** Runs an action right before each start of the command. */
  private record Starts(Deque<Runnable> left) implements SpringApplicationRunListener {
    @Override
    public void starting(ConfigurableBootstrapContext context) {
      Runnable next = left.poll();
      if (next != null) {
        next.run();
      }
    }
  }
}
