package io.caravan.job;

/** The supported databases and the SQL in which they differ. */
public enum Database {
  /** One process, one file. */
  SQLITE("CAST(unixepoch('subsec') * 1000 AS INTEGER)", ""),
  /** Several replicas. */
  POSTGRESQL(
      "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)", "FOR UPDATE SKIP LOCKED");

  private final String now;
  private final String skipLocked;

  Database(String now, String skipLocked) {
    this.now = now;
    this.skipLocked = skipLocked;
  }

  /**
   * The database behind a JDBC URL.
   *
   * @throws CannotStartException when it is neither
   */
  public static Database of(String url) {
    if (url.startsWith("jdbc:sqlite:")) {
      return SQLITE;
    }
    if (url.startsWith("jdbc:postgresql:")) {
      return POSTGRESQL;
    }
    throw new CannotStartException(
        "The database cannot be used: CARAVAN_DATABASE_URL has to begin with jdbc:sqlite: or"
            + " jdbc:postgresql:.",
        "Set it to a URL such as jdbc:sqlite:data/caravan.db or"
            + " jdbc:postgresql://HOST:5432/DATABASE?user=NAME.");
  }

  /** SQL for the database's clock in epoch milliseconds, the same for all replicas. */
  String now() {
    return now;
  }

  /** SQL at the end of a SELECT that claims rows, so that replicas claim different rows. */
  String skipLocked() {
    return skipLocked;
  }

  /** SQL condition for rows that no replica with a valid lease holds. */
  String isFree() {
    return "(owner IS NULL OR owner NOT IN (SELECT id FROM replica WHERE lease_until > "
        + now
        + "))";
  }
}
