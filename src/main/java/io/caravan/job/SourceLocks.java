package io.caravan.job;

import org.springframework.jdbc.core.simple.JdbcClient;

/** Which sources are being read, so that of several replicas one reads a file. */
public final class SourceLocks {
  private final JdbcClient jdbc;
  private final Database database;
  private final Replica replica;

  /** Readings among processes that share the database. */
  public SourceLocks(JdbcClient jdbc, Database database, Replica replica) {
    this.jdbc = jdbc;
    this.database = database;
    this.replica = replica;
  }

  /** Takes a source; false while another replica, or another thread of this one, reads it. */
  public boolean begin(String source) {
    return jdbc.sql(
                "INSERT INTO reading (source, owner) VALUES (:source, :owner) ON CONFLICT (source)"
                    + " DO UPDATE SET owner = excluded.owner WHERE reading.owner NOT IN"
                    + " (SELECT id FROM replica WHERE lease_until > %s)".formatted(database.now()))
            .param("source", source)
            .param("owner", replica.id())
            .update()
        > 0;
  }

  /** Lets go of a source. */
  public void end(String source) {
    jdbc.sql("DELETE FROM reading WHERE source = :source AND owner = :owner")
        .param("source", source)
        .param("owner", replica.id())
        .update();
  }
}
