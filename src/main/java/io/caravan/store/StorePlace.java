package io.caravan.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Detects that the store was restored from a backup, by a change of its location. A restored store
 * does not know what was sent after the backup, so each part that it records as unsent is searched
 * for at its provider first.
 */
public final class StorePlace {
  private static final Logger LOG = LoggerFactory.getLogger(StorePlace.class);

  /** Restored tables have new object ids. */
  private static final String OF_TABLES =
      "SELECT (SELECT oid FROM pg_database WHERE datname = current_database()) || ' ' || 'part'::regclass::oid";

  /** A part in status CREATING is searched for before anything is sent. */
  private static final String LOOK =
      """
      UPDATE part SET status = 'CREATING', due_at = :now, version = version + 1,
        unclear_since = (SELECT accepted_at FROM job WHERE job.id = part.job_id)
      WHERE status IN ('PLANNED', 'UPLOADING', 'UPLOADED')\
      """;

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  public StorePlace(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /**
   * Compares the store's location with the recorded one; call it at startup, before any work.
   *
   * @param file the file of the store, if it is one
   */
  public void arrive(@Nullable Path file, Instant now) throws IOException {
    String place = file == null ? jdbc.sql(OF_TABLES).query(String.class).single() : of(file);
    Integer parts =
        transactions.execute(status -> {
          String before =
              jdbc.sql("SELECT COALESCE(place, '') FROM store_id").query(String.class).single();
          if (before.equals(place)) {
            return 0;
          }
          jdbc.sql("UPDATE store_id SET place = :place").param("place", place).update();
          return isSame(before, place)
              ? 0
              : jdbc.sql(LOOK).param("now", now.toEpochMilli()).update();
        });
    if (parts != null && parts > 0) {
      LOG.warn(
          "store restored from a backup or moved: searching for {} parts at their providers before they are sent",
          parts);
    }
  }

  /** Whether one place is the other without its creation time, or was not recorded. */
  private static boolean isSame(String before, String place) {
    return before.isEmpty()
        || (before.endsWith(" ") && place.startsWith(before))
        || (place.endsWith(" ") && before.startsWith(place));
  }

  /** The inode and creation time; the inode alone is not enough, since a copy may reuse it. */
  private static String of(Path file) throws IOException {
    var attributes = Files.readAttributes(file, BasicFileAttributes.class);
    FileTime created = attributes.creationTime();
    boolean known = !created.equals(attributes.lastModifiedTime()); // else it may not be recorded
    return Files.getAttribute(file, "unix:ino") + " " + (known ? created.toMillis() : "");
  }
}
