package io.caravan.lease;

import java.util.Arrays;
import java.util.Optional;

/** The supported databases and the SQL in which they differ. */
public enum Database {
  /** One process, one file. */
  SQLITE("jdbc:sqlite:", "CAST(unixepoch('subsec') * 1000 AS INTEGER)", "", ""),
  /** Several replicas. */
  POSTGRESQL(
      "jdbc:postgresql:",
      "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
      "FOR UPDATE",
      "SKIP LOCKED");

  private final String prefix;
  private final String now;
  private final String locked;
  private final String skipLocked;

  Database(String prefix, String now, String locked, String skip) {
    this.prefix = prefix;
    this.now = now;
    this.locked = locked;
    this.skipLocked = (locked + " " + skip).strip();
  }

  /** The database behind a JDBC URL; empty when it is neither. */
  public static Optional<Database> of(String url) {
    return Arrays.stream(values()).filter(each -> url.startsWith(each.prefix)).findFirst();
  }

  /** SQL for the database's clock in epoch milliseconds, the same for all replicas. */
  public String now() {
    return now;
  }

  /** SQL at the end of a SELECT that locks rows, and waits for other transactions that do. */
  public String locked() {
    return locked;
  }

  /** SQL at the end of a SELECT that claims rows, so that replicas claim different rows. */
  public String skipLocked() {
    return skipLocked;
  }

  /** SQL condition for rows that no replica with a valid lease holds. */
  public String isFree() {
    return "(owner IS NULL OR owner NOT IN (SELECT id FROM replica WHERE lease_until > "
        + now
        + "))";
  }
}
