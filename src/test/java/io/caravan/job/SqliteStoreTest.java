package io.caravan.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.store.StoreConfiguration;
import io.caravan.store.StorePresence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the store contracts on SQLite. */
class SqliteStoreTest {
  @TempDir private Path folder;
  private final Deque<SqliteStore> opened = new ArrayDeque<>();

  @AfterEach
  void closeAll() {
    opened.forEach(SqliteStore::close);
  }

  private Processes openIn(Path place) {
    opened.push(SqliteStore.in(place));
    return opened.element().processes();
  }

  private static void copy(Path file, Path to) {
    try {
      if (Files.exists(file)) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Nested
  class KeepsRows extends JobStoreContract {
    @Override
    Processes open() {
      return openIn(folder);
    }

    /** Copies the files while the first store is open: this is the state after a kill. */
    @Override
    Processes afterKill() {
      try {
        Path left = Files.createDirectories(folder.resolve("after-kill"));
        List.of("caravan.db", "caravan.db-wal").forEach(n -> copy(folder.resolve(n), left));
        return openIn(left);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Nested
  class TakesFilesIn extends ArrivalContract {
    @Override
    Processes open() {
      return openIn(folder);
    }
  }

  @Nested
  class HandsRowsOut extends ClaimContract {
    @Override
    Processes open() {
      return openIn(folder);
    }
  }

  @Nested
  class KnowsWhatWaits extends WaitingContract {
    @Override
    Processes open() {
      return openIn(folder);
    }
  }

  @Nested
  class OrdersWhatIsSent extends SendOrderContract {
    @Override
    Processes open() {
      return openIn(folder);
    }
  }

  @Nested
  class ObeysOperators extends OperatorStoreContract {
    @Override
    Processes open() {
      return openIn(folder);
    }
  }

  @Nested
  class KnowsReplicas extends ReplicaContract {
    @Override
    Processes open() {
      return openIn(folder);
    }
  }

  @Test
  void keepsItsId() throws IOException {
    Path other = folder.resolve("other");
    try (var sqlite = SqliteStore.in(folder.resolve("one"));
        var another = SqliteStore.in(other)) {
      StoreId id = StoreId.of(sqlite.jdbc());

      assertThat(StoreId.of(sqlite.jdbc())).isEqualTo(id);
      assertThat(StoreId.of(another.jdbc())).isNotEqualTo(id);
    }
  }

  @Test
  void detectsDeletedFile() throws IOException {
    try (var sqlite = SqliteStore.in(folder.resolve("gone"))) {
      StorePresence presence = sqlite.presence();
      presence.check();
      Files.delete(folder.resolve("gone/caravan.db"));

      assertThatThrownBy(presence::check).hasMessageContaining("was deleted or moved");
    }
  }

  @Test
  void syncsCommitsToDisk() {
    openIn(folder);

    assertThat(pragma("journal_mode")).isEqualTo("wal");
    assertThat(pragma("synchronous")).as("FULL").isEqualTo("2");
    assertThat(pragma("busy_timeout")).isEqualTo("10000");
    assertThat(pragma("foreign_keys")).isEqualTo("1");
  }

  @Test
  void createsDatabaseFolder() throws IOException {
    Path file = folder.resolve("not/yet/caravan.db");
    try (var source =
        StoreConfiguration.dataSource(SqliteStore.properties("jdbc:sqlite:" + file))) {
      assertThat(source.isClosed()).isFalse();
      assertThat(file).exists();
    }
  }

  private String pragma(String name) {
    return opened.element().jdbc().sql("PRAGMA " + name).query(String.class).single();
  }
}
