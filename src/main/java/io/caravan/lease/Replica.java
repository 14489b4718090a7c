package io.caravan.lease;

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
 * This process as one of several replicas, and its lease. The replica holds rows while its lease is
 * valid. Once the lease expires, for example after a freeze, other replicas may take the rows over;
 * this one continues under a new id, and writes under the old id fail.
 */
public final class Replica implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);
  private static final int BEATS_A_LEASE = 5;
  private static final Held NOT_HELD = new Held("", 0);

  private final JdbcClient jdbc;
  private final Database database;
  private final Duration lease;
  private final Thread heart;
  private volatile Held held = NOT_HELD;
  private volatile boolean stopped;

  /** The id, and when its lease expires by this machine's monotonic clock. */
  private record Held(String id, long untilNanos) {}

  public Replica(JdbcClient jdbc, Database database, Duration lease) {
    this.jdbc = jdbc;
    this.database = database;
    this.lease = lease;
    this.heart = Thread.ofPlatform().name("lease").daemon().unstarted(this::renewAlways);
  }

  /** Acquires a lease and renews it until {@link #close()}. */
  public Replica start() {
    begin();
    heart.start();
    return this;
  }

  /** The current id, stored as the owner of claimed rows. */
  public String id() {
    return held.id();
  }

  /** Whether this replica still holds rows claimed under that id; true for null. */
  public boolean holds(@Nullable String owner) {
    Held now = held;
    return owner == null || (owner.equals(now.id()) && System.nanoTime() - now.untilNanos() < 0);
  }

  /**
   * Fails unless this replica still holds the row; call it right before an irreversible action.
   *
   * @throws StaleRowException when the lease has expired
   */
  public void check(@Nullable String owner) {
    if (!holds(owner)) {
      throw new StaleRowException("the lease has expired, and another replica may have taken over");
    }
  }

  /** The hosts of all replicas with a valid lease. */
  public List<String> alive() {
    return jdbc.sql(
            "SELECT host FROM replica WHERE lease_until > " + database.now() + " ORDER BY host")
        .query(String.class)
        .list();
  }

  /** The host of a replica; its id if the host is no longer known. */
  public String host(String replica) {
    return jdbc.sql("SELECT host FROM replica WHERE id = :id")
        .param("id", replica)
        .query(String.class)
        .optional()
        .orElse(replica);
  }

  /** Removes all other replicas; only for a process that has exclusive use of the data folder. */
  public void forgetOthers() {
    jdbc.sql("DELETE FROM replica WHERE id <> :id").param("id", id()).update();
  }

  /** Renews the lease, or acquires one under a new id if it has expired. */
  public void renew() {
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
          "replica={} lost its lease: the process was frozen or the database unreachable for more than {} s."
              + " Any replica may take over the work that it had started.",
          id(),
          lease.toSeconds());
      begin();
    }
  }

  /** Acquires a lease under a new id. */
  public Replica begin() {
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
        LOG.debug("cannot renew the lease", e); // it expires if this continues
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

  /** Releases the lease, so that other replicas need not wait until it expires. */
  @Override
  public void close() {
    stopped = true;
    heart.interrupt();
    Held last = held;
    held = NOT_HELD;
    try {
      jdbc.sql("DELETE FROM replica WHERE id = :id").param("id", last.id()).update();
    } catch (DataAccessException e) {
      LOG.debug("cannot release the lease; it will expire", e);
    }
  }
}
