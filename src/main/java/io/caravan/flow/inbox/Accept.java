package io.caravan.flow.inbox;

import io.caravan.flow.AnotherReadsException;
import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.FileNames;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipeline;
import io.caravan.flow.Pipelines;
import io.caravan.flow.step.RoomWaits;
import io.caravan.job.Arrival;
import io.caravan.job.Job;
import io.caravan.job.JobId;
import io.caravan.job.JobStore;
import io.caravan.job.LogFields;
import io.caravan.job.source.SourceLocks;
import io.caravan.store.StorePresence;
import io.caravan.workspace.DataFolder;
import io.caravan.workspace.Workspace;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.apache.camel.component.file.GenericFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Accepts a file: stores its bytes, then its row. Once both exist, the inbox may remove the file.
 */
@Component("accept")
public class Accept {
  /** Header set after acceptance: the earlier job with the same content. */
  public static final String EARLIER = "CaravanEarlierJob";

  /** Header with any value that makes an already accepted file a new arrival. */
  public static final String AGAIN = InboxFile.AGAIN;

  /** Header with the id for the job of a message; removed from messages from outside. */
  static final String NEW_JOB = "CaravanNewJob";

  private static final Logger LOG = LoggerFactory.getLogger(Accept.class);
  private static final String ACCEPTED_NAME = "CaravanAcceptedName";
  private static final Duration TRY_AGAIN = Duration.ofSeconds(5);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final Duration STUCK = Duration.ofMinutes(1);

  private final DataFolder data;
  private final SourceLocks sourceLocks;
  private final StorePresence presence;
  private final InboxClaims claims;
  private final Workspace workspace;
  private final RoomWaits rooms;
  private final Acceptance acceptance;
  private final Pipelines pipelines;
  private final JobTiming timings;
  private final InboxFilter inbox;
  private final boolean followLinks;
  private final boolean allowDuplicates;

  Accept(
      JobStore store,
      DataFolder data,
      SourceLocks sourceLocks,
      StorePresence presence,
      InboxClaims claims,
      Workspace workspace,
      RoomWaits rooms,
      Pipelines pipelines,
      JobTiming timings,
      InboxFilter inbox,
      Clock clock,
      FlowProperties.Intake settings,
      FlowProperties.General general) {
    this.data = data;
    this.sourceLocks = sourceLocks;
    this.presence = presence;
    this.claims = claims;
    this.workspace = workspace;
    this.rooms = rooms;
    this.acceptance = new Acceptance(store, workspace, clock, settings.maxSize(), false);
    this.pipelines = pipelines;
    this.timings = timings;
    this.inbox = inbox;
    this.followLinks = settings.followLinks();
    this.allowDuplicates = general.duplicates() == FlowProperties.Duplicates.ALLOW;
  }

  /** Stores the message's body as a job and sets the job header. */
  public void accept(Exchange exchange) throws IOException {
    Message message = exchange.getMessage();
    var drop = InboxFile.of(message);
    try {
      presence.check();
      rooms.check(drop.arrival(), workspace.root(), drop.size());
      read(drop, exchange);
      Arrival arrival = store(drop, pipelines.nameFor(exchange), message);
      LogFields.about(arrival.job(), () -> tell(arrival));
      if (arrival instanceof Arrival.Repeated) {
        setBack(drop, STUCK); // in case it stays, as in a read-only folder
      }
      message.setHeader(CaravanHeaders.JOB, arrival.job().id());
      message.setHeader(ACCEPTED_NAME, acceptedName(drop, arrival));
    } catch (AnotherReadsException e) {
      setBack(drop, LOOK_AGAIN);
      throw e;
    } catch (IOException | DataAccessException e) {
      Duration wait = rooms.note(drop.arrival(), drop.source(), e);
      String reason = "could not be stored and stays where it is: " + e.getMessage();
      if (drop.path() != null) {
        inbox.notStored(drop.path(), wait == null ? TRY_AGAIN : wait, reason);
      }
      throw new IOException(drop.name() + " " + reason, e);
    }
  }

  private void setBack(InboxFile drop, Duration wait) {
    if (drop.path() != null) {
      inbox.setBack(drop.path(), wait);
    }
  }

  /** Another replica that accepted the file may still move it, so this one uses another name. */
  private String acceptedName(InboxFile drop, Arrival arrival) {
    return arrival instanceof Arrival.Repeated && !data.isOursAlone()
        ? FileNames.withId(drop.name(), arrival.job().id())
        : drop.acceptedName(arrival.job().id());
  }

  /** Locks and claims a file; S3 inboxes lock their objects themselves. */
  private void read(InboxFile drop, Exchange exchange) throws IOException {
    if (drop.path() == null) {
      return;
    }
    if (!data.isOursAlone()) {
      SingleReader.begin(sourceLocks, drop.arrival(), drop.name(), exchange);
    }
    if (Pipelines.isInbox(exchange.getFromRouteId())) {
      claims.begin(drop.path(), exchange);
    }
  }

  private Arrival store(InboxFile drop, String pipeline, Message message) throws IOException {
    Pipeline own = pipelines.get(pipeline);
    String client = message.getHeader(CaravanHeaders.CLIENT, String.class);
    Arrival arrival =
        acceptance.accept(
            new Acceptance.Order(
                Objects.requireNonNullElseGet(
                    message.getHeader(NEW_JOB, String.class), JobId::next),
                drop,
                pipeline,
                pipelines.providerFor(message, pipeline),
                own.encoding(pipeline),
                client,
                () -> timings.of(own, drop.name(), message, client),
                allowDuplicates || own.isAllowDuplicates()),
            () -> content(message),
            () -> {
              if (drop.path() != null) {
                claims.check(drop.path());
              }
            });
    if (arrival instanceof Arrival.Duplicate duplicate) {
      message.setHeader(EARLIER, duplicate.earlier().id());
    }
    return arrival;
  }

  /** Opens the file without following links, as a link may have replaced it meanwhile. */
  private InputStream content(Message message) throws IOException {
    if (!followLinks
        && message.getBody() instanceof GenericFile<?> file
        && file.getFile() instanceof File plain) {
      return Files.newInputStream(plain.toPath(), LinkOption.NOFOLLOW_LINKS);
    }
    if (message.getBody() == null) {
      return InputStream
          .nullInputStream(); // such as a tombstone of Kafka; refused as an empty file
    }
    try {
      return message.getMandatoryBody(InputStream.class);
    } catch (InvalidPayloadException e) {
      throw new IOException("the message has no content", e);
    }
  }

  private static void tell(Arrival arrival) {
    switch (arrival) {
      case Arrival.Accepted(Job job) when job.refused() ->
          LOG.warn("job={} refused: {}", job.id(), job.refusal());
      case Arrival.Duplicate(Job job, Job earlier) ->
          LOG.warn("job={} refused: {}", job.id(), job.refusal());
      case Arrival.Repeated(Job job) ->
          LOG.info("job={} already accepted before a restart: {}", job.id(), job.label());
      case Arrival.Accepted accepted -> {} // logged by the store
    }
  }
}
