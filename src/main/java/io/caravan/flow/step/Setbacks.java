package io.caravan.flow.step;

import io.caravan.disk.NoRoomException;
import io.caravan.flow.AnotherReadsException;
import io.caravan.flow.Backoff;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.call.CallTimeoutException;
import io.caravan.flow.call.Outages;
import io.caravan.flow.call.Pauses;
import io.caravan.flow.call.ProviderContacts;
import io.caravan.job.BatchError;
import io.caravan.job.BatchStore;
import io.caravan.job.Claimed;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.StaleRowException;
import io.caravan.provider.AccessRefusedException;
import io.caravan.provider.QueueFullException;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RetryableProviderException;
import io.caravan.provider.openai.OpenAiDialect;
import io.caravan.s3.S3Problem;
import io.caravan.workspace.WorkspaceException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.util.ObjectHelper;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Decides whether a failed step of a job or part is retried, parked or ends it. */
@Component("setbacks")
public class Setbacks {
  private static final Logger LOG = LoggerFactory.getLogger(Setbacks.class);
  private static final int LONGEST_TEXT = 1000;
  private static final Duration LONGEST_WAIT = Duration.ofHours(1); // caps Retry-After

  /** Failures before a connection existed: the request was certainly not sent. */
  private static final List<Class<? extends IOException>> NEVER_SENT =
      List.of(
          ConnectException.class,
          ConnectTimeoutException.class,
          NoRouteToHostException.class,
          UnknownHostException.class,
          NoRoomException.class,
          WorkspaceException.class); // the workspace is read before anything is sent

  /** The connection failed or timed out. */
  private static final List<Class<? extends IOException>> OUT_OF_REACH =
      List.of(
          SocketException.class,
          UnknownHostException.class,
          InterruptedIOException.class, // all timeouts
          SSLException.class,
          NoHttpResponseException.class,
          ConnectionClosedException.class);

  private static final List<Class<? extends IOException>> TIMEOUTS =
      List.of(CallTimeoutException.class, SocketTimeoutException.class);

  /** Infrastructure such as disks and outboxes may fail this many times more often. */
  private static final int AROUND = 10;

  private static final Duration TELL_EVERY = Duration.ofSeconds(10);

  private final BatchStore store;
  private final Clock clock;
  private final Backoff retry;
  private final int parkAfter;
  private final ProviderContacts contacts;
  private final Pauses pauses;
  private final Outages outages;
  private final EndedEarly abandonment;
  private final RoomWaits rooms;
  private volatile Instant toldAt = Instant.EPOCH;

  Setbacks(
      BatchStore store,
      Clock clock,
      FlowProperties.Retry retry,
      ProviderContacts contacts,
      Pauses pauses,
      Outages outages,
      EndedEarly abandonment,
      RoomWaits rooms) {
    this.store = store;
    this.clock = clock;
    this.retry = retry.backoff();
    this.parkAfter = retry.parkAfter();
    this.contacts = contacts;
    this.pauses = pauses;
    this.outages = outages;
    this.abandonment = abandonment;
    this.rooms = rooms;
  }

  /** Schedules a retry of the step with growing waits and releases its row. */
  void tryAgainLater(Claimed claimed, Exception caught) {
    Exception cause = unwrap(caught);
    StaleRowException stale = ObjectHelper.getException(StaleRowException.class, cause);
    if (stale != null) {
      LOG.info("{}={} released: {}", kind(claimed), claimed.id(), stale.getMessage());
      store.release(claimed);
      return;
    }
    String text = text(cause);
    rooms.note(claimed.id(), kind(claimed) + " " + claimed.id(), cause);
    if (claimed instanceof Part part) {
      tellContacts(part, cause, text);
    }
    boolean parks = claimed.tries() + 1 >= most(claimed, cause);
    Duration wait = waitAfter(claimed, cause);
    try {
      if (abandonment.ends(claimed, parkAfter)) {
        abandonment.end(claimed, text);
        return;
      }
      postpone(claimed, new Setback(cause, text, clock.instant().plus(wait), parks));
      tell(claimed, wait, text, cause, parks);
    } catch (DataAccessException | StaleRowException e) {
      LOG.warn(
          "{}={} failed ({}) and the store cannot record it: {}",
          kind(claimed),
          claimed.id(),
          text,
          text(e));
    } finally {
      store.release(claimed);
    }
  }

  private void tellContacts(Part part, Exception cause, String text) {
    if (cause instanceof AccessRefusedException) {
      pauses.refused(part.provider(), text);
    } else if (!(cause instanceof RetryableProviderException)
        && isIo(cause)
        && !isWorkspace(cause)) {
      contacts.note(part.provider(), text);
      if (isAny(TIMEOUTS, cause)) {
        contacts.timedOut(part.provider(), text);
      }
    }
  }

  private record Setback(Exception cause, String text, Instant due, boolean parks) {}

  private void postpone(Claimed claimed, Setback setback) {
    switch (claimed) {
      case Job job ->
          store
              .held(job)
              .ifPresent(row ->
                  store.update(
                      row,
                      b ->
                          b.tries(row.tries() + 1)
                              .setback(setback.text())
                              .parkedAt(setback.parks() ? clock.instant() : null)
                              .dueAt(setback.due())));
      case Part part ->
          store.held(part).ifPresent(row -> postpone(row, row.status() != part.status(), setback));
    }
  }

  /**
   * Reverts the status if the call was certainly not sent; else marks its outcome as unclear.
   *
   * @param began whether the failed call started in this step; if it started in an earlier one, the
   *     failure may be that of the search for its outcome
   */
  private void postpone(Part row, boolean began, Setback setback) {
    boolean sending = row.status() == PartStatus.UPLOADING || row.status() == PartStatus.CREATING;
    store.update(
        row,
        b -> {
          b.tries(row.tries() + 1)
              .setback(setback.text())
              .parkedAt(setback.parks() ? clock.instant() : null)
              .dueAt(setback.due());
          if (sending && began && isAny(NEVER_SENT, setback.cause())) {
            boolean creating = row.status() == PartStatus.CREATING;
            b.status(creating ? PartStatus.UPLOADED : PartStatus.PLANNED)
                .uploads(creating ? row.uploads() : row.uploads() - 1)
                .unclearSince(null);
          } else if (sending) {
            b.unclearSince(clock.instant());
          }
        });
  }

  /** Ends a rejected part, unless it may already have been paid for. */
  void refuse(Claimed claimed, RejectedByProviderException cause) {
    Part row = claimed instanceof Part part ? store.part(part.id()).orElse(null) : null;
    if (row == null || !row.status().canBecome(PartStatus.REFUSED)) {
      tryAgainLater(claimed, cause);
      return;
    }
    var error =
        new BatchError(cause.code(), "the provider refused the batch: " + text(cause), null, null);
    store.update(
        row,
        b ->
            b.status(PartStatus.REFUSED)
                .batchErrors(OpenAiDialect.write(List.of(error)))
                .setback(text(cause))
                .endedAt(clock.instant()));
    store.release(claimed);
    LOG.warn("part={} refused by {}: {}", row.id(), row.provider(), text(cause));
  }

  /** Logs that a file could not be stored; it stays in its inbox. */
  public void notStored(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception cause) {
    if (ObjectHelper.getException(AnotherReadsException.class, cause) != null) {
      LOG.debug(cause.getMessage());
    } else if (expected(cause)) {
      LOG.warn(cause.getMessage());
    } else {
      LOG.warn("a file could not be stored and stays in its inbox", cause);
    }
  }

  /** Logs that a polling loop failed, as with a locked store, at most once every 10 s. */
  public void turnFailed(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception cause) {
    Instant now = clock.instant();
    if (toldAt.plus(TELL_EVERY).isBefore(now)) {
      toldAt = now;
      LOG.warn("polling failed, retrying: {}", text(cause));
    }
  }

  /** Returns the cause behind the exceptions in which a split wraps it. */
  private static Exception unwrap(Exception caught) {
    return caught instanceof CamelExchangeException && caught.getCause() instanceof Exception cause
        ? unwrap(cause)
        : caught;
  }

  private Duration waitAfter(Claimed claimed, Exception cause) {
    Duration own = retry.after(claimed.tries());
    Duration asked =
        cause instanceof RetryableProviderException retryable ? retryable.retryAfter() : null;
    if (asked == null || asked.compareTo(own) < 0) {
      return own;
    }
    return asked.compareTo(LONGEST_WAIT) < 0 ? asked : LONGEST_WAIT;
  }

  private void tell(Claimed claimed, Duration wait, String text, Exception cause, boolean parks) {
    if (parks) {
      LOG.error(
          "{}={} {} failed {} times and is parked: retrying will not help ({})."
              + " See \"caravan status\"; \"caravan retry {}\" resumes it,"
              + " \"caravan cancel {}\" ends it.",
          kind(claimed),
          claimed.id(),
          claimed.step(),
          claimed.tries() + 1,
          text,
          jobOf(claimed),
          jobOf(claimed));
      return;
    }
    String line =
        "%s=%s %s failed (try %d), retrying in %d ms: %s"
            .formatted(
                kind(claimed),
                claimed.id(),
                claimed.step(),
                claimed.tries() + 1,
                wait.toMillis(),
                text);
    if (isDown(claimed, cause)) {
      outages.note(providerOf(claimed), Outages.State.UNAVAILABLE, text);
      LOG.debug(line);
    } else if (cause instanceof AccessRefusedException) {
      LOG.debug(line); // the pause is logged on its own
    } else if (expected(cause)) {
      LOG.warn(line);
    } else {
      LOG.warn(line, cause); // unexpected: log the stack trace
    }
  }

  /** Whether the provider is down; {@link Outages} then logs one line for all its jobs. */
  private static boolean isDown(Claimed claimed, Exception cause) {
    return (cause instanceof RetryableProviderException answer && answer.isUnavailable())
        || (callsProvider(claimed) && !isWorkspace(cause) && isAny(OUT_OF_REACH, cause));
  }

  private static boolean callsProvider(Claimed claimed) {
    return switch (claimed) {
      case Part part -> true;
      case Job job -> job.status() == JobStatus.DELIVERED; // deletes its files at the provider
    };
  }

  /**
   * The number of consecutive failures after which the row is parked: no limit while the provider
   * is unreachable, overloaded or refuses access ({@code caravan.max-wait} ends the job) or a disk
   * is full, ten times {@code caravan.retry.park-after} for other infrastructure such as outbound
   * endpoints.
   */
  private int most(Claimed claimed, Exception cause) {
    boolean waits =
        cause instanceof AccessRefusedException
            || isNoRoom(cause)
            || cause instanceof QueueFullException
            || (cause instanceof RetryableProviderException retryable && retryable.passesInTime())
            || (claimed instanceof Part && !isWorkspace(cause) && isAny(OUT_OF_REACH, cause));
    if (waits) {
      return Integer.MAX_VALUE;
    }
    boolean around =
        cause instanceof DataAccessException
            || S3Problem.of(cause).isPresent()
            || (isIo(cause) && !(cause instanceof RetryableProviderException));
    return around ? parkAfter * AROUND : parkAfter;
  }

  private static boolean expected(Exception cause) {
    return cause instanceof RetryableProviderException
        || cause instanceof RejectedByProviderException
        || cause instanceof AccessRefusedException
        || cause instanceof QueueFullException
        || cause instanceof DataAccessException
        || S3Problem.of(cause).isPresent()
        || isIo(cause);
  }

  private static boolean isIo(Exception cause) {
    return ObjectHelper.getException(IOException.class, cause) != null;
  }

  private static boolean isWorkspace(Exception cause) {
    return ObjectHelper.getException(WorkspaceException.class, cause) != null || isNoRoom(cause);
  }

  private static boolean isNoRoom(Exception cause) {
    return ObjectHelper.getException(NoRoomException.class, cause) != null;
  }

  private static boolean isAny(List<Class<? extends IOException>> types, Exception cause) {
    return types.stream().anyMatch(type -> ObjectHelper.getException(type, cause) != null);
  }

  private static String jobOf(Claimed claimed) {
    return switch (claimed) {
      case Job job -> job.id();
      case Part part -> part.jobId();
    };
  }

  private static String providerOf(Claimed claimed) {
    return switch (claimed) {
      case Job job -> job.provider();
      case Part part -> part.provider();
    };
  }

  private static String kind(Claimed claimed) {
    return claimed instanceof Job ? "job" : "part";
  }

  private static String text(Exception cause) {
    WorkspaceException workspace = ObjectHelper.getException(WorkspaceException.class, cause);
    if (workspace != null) {
      return String.valueOf(workspace.getMessage()); // the deepest cause does not name the place
    }
    NoRoomException room = ObjectHelper.getException(NoRoomException.class, cause);
    if (room != null) {
      return String.valueOf(room.getMessage());
    }
    CallTimeoutException late = ObjectHelper.getException(CallTimeoutException.class, cause);
    if (late != null) {
      return String.valueOf(late.getMessage());
    }
    Optional<String> s3 = S3Problem.of(cause);
    if (s3.isPresent()) {
      return s3.get();
    }
    IOException io = ObjectHelper.getException(IOException.class, cause);
    Exception told = io == null ? cause : io;
    String text =
        told instanceof RetryableProviderException
                || told instanceof RejectedByProviderException
                || told instanceof AccessRefusedException
                || told instanceof QueueFullException
            ? String.valueOf(told.getMessage())
            : told.getClass().getSimpleName() + ": " + told.getMessage();
    return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
  }
}
