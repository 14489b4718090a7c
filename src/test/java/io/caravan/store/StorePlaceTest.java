package io.caravan.store;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.job.PartStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.StoreId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests when parts are searched for because the store was restored. */
class StorePlaceTest {
  @TempDir private Path folder;
  private SqliteStore sqlite;
  private Path file;
  private StorePlace place;

  @BeforeEach
  void open() {
    sqlite = SqliteStore.in(folder);
    file = folder.resolve("caravan.db");
    place = new StorePlace(sqlite.processes().jdbc(), sqlite.processes().transactions());
    StoreId.of(sqlite.processes().jdbc());
    inProgress(sqlite.store(), "a", PartStatus.PLANNED);
  }

  @AfterEach
  void close() {
    sqlite.close();
  }

  private PartStatus status() {
    return sqlite.store().jobs().part("a-1").orElseThrow().status();
  }

  @Test
  void aFileThatWasNotWrittenSinceItsCreationIsTheSameLater() throws IOException {
    FileTime created = Files.readAttributes(file, BasicFileAttributes.class).creationTime();
    Files.setLastModifiedTime(file, created);
    place.arrive(file, NOON);

    Files.setLastModifiedTime(file, FileTime.from(created.toInstant().plusSeconds(9)));
    place.arrive(file, NOON);

    assertThat(status()).isEqualTo(PartStatus.PLANNED);
  }

  @Test
  void anotherFileIsARestoredStore() throws IOException {
    place.arrive(file, NOON);
    Path copy = Files.copy(file, folder.resolve("copy.db"));

    place.arrive(copy, NOON);

    assertThat(status()).isEqualTo(PartStatus.CREATING);
  }
}
