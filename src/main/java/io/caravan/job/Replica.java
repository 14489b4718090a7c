package io.caravan.job;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * This process among its like. It holds rows as long as its lease is renewed; once the lease has
 * lapsed, as after a freeze, others may have taken them, so it goes on under a new id and nothing
 * that it began before counts any more.
 */
public final class Replica implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);
  private static final int BEATS_A_LEASE = 5;
  private static final Held NOBODY = new Held("", 0);

  private final JdbcClient jdbc;
  private final Database database;
  private final Duration lease;
  private final Thread heart;
  private volatile Held held = NOBODY;
  private volatile boolean stopped;

  /** The id, and until when it is ours by this machine's monotonic clock. */
  private record Held(String id, long untilNanos) {}

  public Replica(JdbcClient jdbc, Database database, Duration lease) {
    this.jdbc = jdbc;
    this.database = database;
    this.lease = lease;
    this.heart = Thread.ofPlatform().name("lease").daemon().unstarted(this::renewAlways);
  }

  /** Takes a lease and keeps it until {@link #close()}. */
  public Replica start() {
    begin();
    heart.start();
    return this;
  }

  /** Who we are now; a row's owner. */
  public String id() {
    return held.id();
  }

  /** Whether what was taken under that id is still ours; also true for what nobody holds. */
  public boolean holds(@Nullable String owner) {
    Held now = held;
    return owner == null || (owner.equals(now.id()) && System.nanoTime() - now.untilNanos() < 0);
  }

  /**
   * Fails unless the row is still ours; to be asked right before anything that cannot be taken
   * back.
   *
   * @throws StaleRowException when it is not
   */
  public void check(@Nullable String owner) {
    if (!holds(owner)) {
      throw new StaleRowException("the lease has lapsed, and another replica may have taken over");
    }
  }

  /** The hosts of all replicas with a valid lease. */
  public List<String> alive() {
    return jdbc.sql(
            "SELECT host FROM replica WHERE lease_until > " + database.now() + " ORDER BY host")
        .query(String.class)
        .list();
  }

  /** Where a replica runs, or ran; its id when that is not known any more. */
  String host(String replica) {
    return jdbc.sql("SELECT host FROM replica WHERE id = :id")
        .param("id", replica)
        .query(String.class)
        .optional()
        .orElse(replica);
  }

  /** Says that all others are gone, as who has the data folder alone can tell. */
  public void forgetOthers() {
    jdbc.sql("DELETE FROM replica WHERE id <> :id").param("id", id()).update();
  }

  /** Renews the lease; under a new id when it has lapsed. */
  void renew() {
    long asked = System.nanoTime();
    int renewed =
        jdbc.sql(
                "UPDATE replica SET lease_until = %1$s + :lease WHERE id = :id AND lease_until > %1$s"
                    .formatted(database.now()))
            .param("lease", lease.toMillis())
            .param("id", id())
            .update();
    if (renewed > 0) {
      held = new Held(id(), asked + lease.toNanos());
    } else if (!stopped) {
      LOG.warn(
          "replica={} lost its lease: it was frozen, or the database out of reach, for more than {} s."
              + " What it was doing is left to whoever takes it over.",
          id(),
          lease.toSeconds());
      begin();
    }
  }

  /** Takes a lease under a new id. */
  Replica begin() {
    long asked = System.nanoTime();
    String id = UUID.randomUUID().toString();
    jdbc.sql("DELETE FROM replica WHERE lease_until < %s - 3600000".formatted(database.now()))
        .update();
    jdbc.sql(
            "INSERT INTO replica (id, host, started_at, lease_until)"
                + " VALUES (:id, :host, %1$s, %1$s + :lease)".formatted(database.now()))
        .param("id", id)
        .param("host", host())
        .param("lease", lease.toMillis())
        .update();
    held = new Held(id, asked + lease.toNanos());
    return this;
  }

  private void renewAlways() {
    while (!stopped) {
      try {
        Thread.sleep(lease.dividedBy(BEATS_A_LEASE));
        renew();
      } catch (DataAccessException e) {
        LOG.debug("the lease cannot be renewed now", e); // it lapses by itself if this goes on
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName() + "/" + ProcessHandle.current().pid();
    } catch (UnknownHostException e) {
      return "pid " + ProcessHandle.current().pid();
    }
  }

  /** Gives the lease back, so that others need not wait for its end. */
  @Override
  public void close() {
    stopped = true;
    heart.interrupt();
    Held last = held;
    held = NOBODY;
    try {
      jdbc.sql("DELETE FROM replica WHERE id = :id").param("id", last.id()).update();
    } catch (DataAccessException e) {
      LOG.debug("the lease lapses by itself", e);
    }
  }
}
