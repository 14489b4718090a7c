package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.job.PostgresServer;
import io.caravan.lease.StaleRowException;
import io.caravan.server.run.ResultFiles;
import io.caravan.server.store.BatchProgress;
import io.caravan.server.store.Lease;
import io.caravan.server.store.ServerStores;
import io.caravan.server.store.StoredBatchCounts;
import io.caravan.server.store.StoredBatchStatus;
import io.caravan.server.store.StoredFile;
import io.caravan.server.wire.BatchUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/** The stores in PostgreSQL, with one replica and with several. */
class PostgresStoresTest extends ServerStoresContract {
  private static final Duration LEASE = Duration.ofMillis(300);

  private static PostgresServer postgres;
  private static HikariDataSource source;

  @TempDir private Path folder;
  private final List<TestStores> others = new ArrayList<>();

  @BeforeAll
  static void startPostgres() throws IOException {
    postgres = PostgresServer.start();
    source = TestServer.pool(postgres.url());
  }

  @AfterAll
  static void stopPostgres() throws IOException {
    source.close();
    postgres.close();
  }

  @BeforeEach
  void empty() {
    postgres.emptied();
  }

  @AfterEach
  void stopOthers() {
    others.forEach(TestStores::close);
  }

  @Override
  TestStores open() throws IOException {
    return TestStores.replica(postgres.url(), folder.resolve("own"), Duration.ofMinutes(1), clock);
  }

  private ServerStores replica(String name, Duration lease) throws IOException {
    var replica = TestStores.replica(postgres.url(), folder.resolve(name), lease, clock);
    others.add(replica);
    return replica.stores();
  }

  @Test
  void refusesWritesAfterTheLeaseIsLost() throws Exception {
    ServerStores frozen = replica("frozen", LEASE);
    ServerStores awake = replica("awake", Duration.ofMinutes(1));
    Lease lost = frozen.batches().create("alice", form("file-1"));
    lost.open();
    ResultFiles results = results(lost);
    results.append("before", answer(200)).join();

    Lease taken = claimOne(awake);

    assertThat(taken.id()).isEqualTo(lost.id());
    assertThatThrownBy(() -> results.append("after", answer(200)).join())
        .hasCauseInstanceOf(StaleRowException.class);
    assertThatThrownBy(() -> lost.update(batch -> batch.cancel(clock.instant())))
        .isInstanceOf(StaleRowException.class);
    assertThatThrownBy(lost::end).isInstanceOf(StaleRowException.class);
    lost.release();
    lost.report(BatchProgress.start("m", 7));
    assertThat(frozen.batches().look(List.of(lost)).lost()).containsExactly(lost.id());
    assertThat(awake.batches().look(List.of(taken)).lost()).isEmpty();
    assertThat(taken.batch().progress()).isEqualTo(BatchProgress.NONE);
    taken.open();
    assertThat(taken.folder().output())
        .content(UTF_8)
        .contains("\"before\"")
        .doesNotContain("\"after\"");
  }

  @Test
  void doesNotClaimABatchWithARenewedLease() throws Exception {
    Duration duration = Duration.ofSeconds(2);
    ServerStores first = replica("first", duration);
    ServerStores second = replica("second", duration);
    Lease lease = first.batches().create("alice", form("file-1"));
    long end = System.nanoTime() + duration.multipliedBy(2).toNanos();

    await()
        .pollInterval(first.batches().rhythm())
        .until(() -> {
          others.getFirst().replica().renew();
          assertThat(first.batches().look(List.of(lease)).lost()).isEmpty();
          assertThat(second.batches().claim(10)).isEmpty();
          return System.nanoTime() > end;
        });
  }

  @Test
  void releasesABatchAtOnce() throws Exception {
    ServerStores first = replica("first", Duration.ofMinutes(1));
    ServerStores second = replica("second", Duration.ofMinutes(1));
    Lease lease = first.batches().create("alice", form("file-1"));
    assertThat(second.batches().claim(10)).isEmpty();

    lease.release();

    assertThat(second.batches().claim(10)).extracting(Lease::id).containsExactly(lease.id());
  }

  @Test
  void reportsCancellationsToTheRunningReplica() throws Exception {
    ServerStores runner = replica("runner", Duration.ofMinutes(1));
    Lease lease = runner.batches().create("alice", form("file-1"));
    assertThat(runner.batches().look(List.of(lease)).cancelled()).isEmpty();

    replica("other", LEASE).batches().cancel(lease.id());

    assertThat(runner.batches().look(List.of(lease)).cancelled()).containsExactly(lease.id());
  }

  @Test
  void showsProgressToOtherReplicas() throws Exception {
    ServerStores runner = replica("runner", Duration.ofMinutes(1));
    Lease lease = runner.batches().create("alice", form("file-1"));
    lease.update(batch ->
        batch
            .with(BatchProgress.start("m", 7))
            .become(StoredBatchStatus.IN_PROGRESS, clock.instant()));
    var progress = new BatchProgress("m", new StoredBatchCounts(7, 2, 1), BatchUsage.NONE);

    lease.report(progress);

    assertThat(replica("other", LEASE).batches().find(lease.id()).orElseThrow().progress())
        .isEqualTo(progress);
  }

  @Test
  void restoresAnswersOfAllRunsInTheirOrder() throws Exception {
    ServerStores runner = replica("runner", Duration.ofMinutes(1));
    Lease lease = runner.batches().create("alice", form("file-1"));
    for (int run = 0; run < 2; run++) {
      lease.open();
      for (int i = 0; i < 20; i++) {
        lease.journal().append(i % 2 == 0, "%d-%d\n".formatted(run, i).getBytes(UTF_8)).join();
      }
    }

    lease.open();

    assertThat(lease.folder().output()).content(UTF_8).startsWith("0-0\n0-2\n").endsWith("1-18\n");
    assertThat(lease.folder().errors()).content(UTF_8).startsWith("0-1\n0-3\n").hasLineCount(20);
  }

  @Test
  void deletesContentAndAnswersOfEndedBatches() throws Exception {
    ServerStores stores = replica("runner", LEASE);
    for (boolean deletedFirst : List.of(true, false)) {
      StoredFile file = TestStores.file(stores, "{}\n");
      Lease lease = stores.batches().create("alice", form(file.id()));
      lease.open();
      lease.journal().append(true, "{}\n".getBytes(UTF_8)).join();
      if (deletedFirst) {
        stores.files().delete(file.id());
        assertThat(count("server_content")).isEqualTo(1);
      }
      stores.batches().cancel(lease.id());
      lease.update(batch -> batch.become(StoredBatchStatus.CANCELLED, clock.instant()));
      lease.end();
      if (!deletedFirst) {
        assertThat(count("server_content")).isEqualTo(1);
        stores.files().delete(file.id());
      }

      for (String table : Set.of("server_content", "server_run", "server_answers")) {
        assertThat(count(table)).as(table).isZero();
      }
      assertThat(folder.resolve("content")).isEmptyDirectory();
    }
  }

  @Test
  void takesOverBytesThatVersion01KeptInTheDatabase() throws Exception {
    StoredFile file = TestStores.file(replica("before", LEASE), "12345");
    FileSystemUtils.deleteRecursively(folder.resolve("content").resolve(file.id()));
    chunk(file, 0, "123");
    chunk(file, 3, "45");

    ServerStores after = replica("after", LEASE);

    assertThat(after.files().content(file).getContentAsString(UTF_8)).isEqualTo("12345");
    assertThat(count("server_chunk")).isZero();
  }

  private static void chunk(StoredFile file, long position, String bytes) {
    JdbcClient.create(source)
        .sql("INSERT INTO server_chunk (content_id, position, bytes) VALUES (?, ?, ?)")
        .params(file.id(), position, bytes.getBytes(UTF_8))
        .update();
  }

  private static Lease claimOne(ServerStores stores) {
    return await()
        .pollInterval(Duration.ofMillis(20))
        .until(() -> stores.batches().claim(10), claimed -> !claimed.isEmpty())
        .getFirst();
  }

  private static int count(String table) {
    return JdbcClient.create(source)
        .sql("SELECT COUNT(*) FROM " + table)
        .query(Integer.class)
        .single();
  }
}
