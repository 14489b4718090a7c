package io.caravan.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.TestClock;
import io.caravan.job.PostgresServer;
import io.caravan.server.TestStores;
import io.caravan.server.store.BatchForm;
import io.caravan.server.store.Lease;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.store.ServerStores;
import io.caravan.server.store.StopSignal;
import io.caravan.server.store.StoredBatchStatus;
import io.caravan.server.store.StoredFile;
import io.caravan.server.wire.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

class DelegationTest {
  private final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));

  /** A replica stopped after it had recorded that the results are complete. */
  @Test
  void copiesTheResultsAgainIfTheyAreOnAnotherMachine(@TempDir Path folder) throws Exception {
    try (TestStores opened = TestStores.in(folder, clock)) {
      Lease lease = created(opened.stores());
      run(lease);
      assertThat(lease.batch().status()).isEqualTo(StoredBatchStatus.FINALIZING);

      FileSystemUtils.deleteRecursively(lease.folder().path());
      run(lease);

      assertThat(lease.folder().output()).hasContent("result");
      assertThat(lease.folder().errors()).hasContent("error");
    }
  }

  /** With PostgreSQL, a run begins with empty files, since answers are in rows. */
  @Test
  void copiesTheResultsAgainForTheReplicaThatTakesOver(@TempDir Path folder) throws Exception {
    try (var postgres = PostgresServer.start();
        TestStores stopped = replica(postgres, folder.resolve("stopped"));
        TestStores next = replica(postgres, folder.resolve("next"))) {
      Lease lease = created(stopped.stores());
      run(lease);
      lease.release();

      Lease taken = next.stores().batches().claim(1).getFirst();
      run(taken);

      assertThat(taken.id()).isEqualTo(lease.id());
      assertThat(taken.folder().output()).hasContent("result");
      assertThat(taken.folder().errors()).hasContent("error");
    }
  }

  private TestStores replica(PostgresServer postgres, Path folder) throws IOException {
    return TestStores.replica(postgres.url(), folder, Duration.ofMinutes(1), clock);
  }

  private static Lease created(ServerStores stores) throws IOException {
    StoredFile input = TestStores.file(stores, "{}\n");
    return stores
        .batches()
        .create(
            "alice", new BatchForm(Endpoint.CHAT_COMPLETIONS, input.id(), null, null, "openai"));
  }

  private void run(Lease lease) throws IOException {
    lease.open();
    new Delegation(new EndedAtOnce(), lease, new StopSignal(), clock).run();
  }

  /** A provider whose batches have one result and one error. */
  private static final class EndedAtOnce implements OtherProviders {
    @Override
    public Set<String> names() {
      return Set.of("openai");
    }

    @Override
    public @Nullable String refusal(String provider) {
      return null;
    }

    @Override
    public String submit(String provider, String batchId, @Nullable String client, Path input) {
      return batchId;
    }

    @Override
    public Standing look(String id) {
      return new Standing("m", 2, 1, 1, 0, 0, true, List.of());
    }

    @Override
    public void cancel(String id) {
      throw new AssertionError("nothing was cancelled");
    }

    @Override
    public void copy(String id, Path output, Path errors) throws IOException {
      Files.writeString(output, "result");
      Files.writeString(errors, "error");
    }
  }
}
