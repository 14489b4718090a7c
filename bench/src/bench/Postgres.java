package bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/** A PostgreSQL server with durable commits, on loopback until its input ends; prints its port. */
final class Postgres {
  private Postgres() {}

  public static void main(String[] args) throws Exception {
    try (EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("full_page_writes", "on")
            .start()) {
      System.out.println(server.getPort());
      while (System.in.read() >= 0) {
        // until the benchmark ends
      }
    }
  }
}
