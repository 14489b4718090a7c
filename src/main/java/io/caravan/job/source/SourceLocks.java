package io.caravan.job.source;

import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Locks on input sources, so that only one of several replicas reads a file. */
public final class SourceLocks {
  private final JdbcClient jdbc;
  private final Database database;
  private final Replica replica;

  /** Creates locks shared by all processes on the database. */
  public SourceLocks(JdbcClient jdbc, Database database, Replica replica) {
    this.jdbc = jdbc;
    this.database = database;
    this.replica = replica;
  }

  /** Locks a source; false while another replica or thread reads it. */
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

  /** Unlocks a source. */
  public void end(String source) {
    jdbc.sql("DELETE FROM reading WHERE source = :source AND owner = :owner")
        .param("source", source)
        .param("owner", replica.id())
        .update();
  }
}
