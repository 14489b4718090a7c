package io.caravan.flow;

import io.caravan.batch.Arrival;
import io.caravan.batch.BatchStore;
import io.caravan.batch.DataFolder;
import io.caravan.batch.Job;
import io.caravan.batch.JobFiles;
import io.caravan.batch.JobId;
import io.caravan.batch.JobStatus;
import io.caravan.batch.Readings;
import io.caravan.batch.Workspace;
import io.caravan.jsonl.Acceptor;
import io.caravan.jsonl.Compression;
import io.caravan.jsonl.Intake;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Takes a file in: first its bytes, then its row. When both are there the inbox may let go of it.
 */
@Component("accept")
public class Accept {
  /** Set after acceptance: the job that had the same content before. */
  public static final String EARLIER = "CaravanEarlierJob";

  /** Makes a file that was accepted before another arrival; its value is free. */
  public static final String AGAIN = Drop.AGAIN;

  private static final Logger LOG = LoggerFactory.getLogger(Accept.class);
  private static final String ACCEPTED_NAME = "CaravanAcceptedName";
  private static final Duration TRY_AGAIN = Duration.ofSeconds(5);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final Duration STUCK = Duration.ofMinutes(1);

  private final BatchStore store;
  private final DataFolder data;
  private final Readings readings;
  private final Workspace workspace;
  private final Pipelines pipelines;
  private final InboxFilter inbox;
  private final Clock clock;
  private final FlowProperties.Intake settings;
  private final boolean allowDuplicates;

  Accept(
      BatchStore store,
      DataFolder data,
      Readings readings,
      Workspace workspace,
      Pipelines pipelines,
      InboxFilter inbox,
      Clock clock,
      FlowProperties.Intake settings,
      FlowProperties.General general) {
    this.store = store;
    this.data = data;
    this.readings = readings;
    this.workspace = workspace;
    this.pipelines = pipelines;
    this.inbox = inbox;
    this.clock = clock;
    this.settings = settings;
    this.allowDuplicates = general.duplicates() == FlowProperties.Duplicates.ALLOW;
  }

  /** Stores the message's body as a job; the message then names the job. */
  public void accept(Exchange exchange) throws IOException {
    Message message = exchange.getMessage();
    var drop = Drop.of(message);
    try {
      read(drop, exchange);
      Arrival arrival = store(drop, pipelines.nameFor(exchange), message);
      tell(arrival);
      if (arrival instanceof Arrival.Repeated) {
        setBack(drop, STUCK); // should it stay, as in a folder that cannot be written
      }
      message.setHeader(Delivery.JOB, arrival.job().id());
      message.setHeader(ACCEPTED_NAME, acceptedName(drop, arrival));
    } catch (AnotherReadsException e) {
      setBack(drop, LOOK_AGAIN);
      throw e;
    } catch (IOException | DataAccessException e) {
      setBack(drop, TRY_AGAIN);
      throw new IOException(
          "%s could not be stored and stays where it is: %s".formatted(drop.name(), e.getMessage()),
          e);
    }
  }

  private void setBack(Drop drop, Duration wait) {
    if (drop.path() != null) {
      inbox.setBack(drop.path(), wait);
    }
  }

  /** The replica that accepted the file may be about to move it: another one takes another name. */
  private String acceptedName(Drop drop, Arrival arrival) {
    return arrival instanceof Arrival.Repeated && !data.isOursAlone()
        ? FileNames.withId(drop.name(), arrival.job().id())
        : drop.acceptedName(arrival.job().id());
  }

  private void read(Drop drop, Exchange exchange) throws IOException {
    if (drop.path() == null || data.isOursAlone()) {
      return; // an object's inbox has seen to it; and no two threads of ours take the same file
    }
    OneReader.begin(readings, drop.arrival(), drop.name(), exchange);
  }

  private Arrival store(Drop drop, String pipeline, Message message) throws IOException {
    String id = JobId.next();
    try {
      Intake intake = storeBytes(id, message);
      Arrival arrival =
          store.accept(
              job(id, drop, pipeline, pipelines.providerFor(message, pipeline), intake),
              allowDuplicates || pipelines.get(pipeline).isAllowDuplicates());
      if (arrival instanceof Arrival.Duplicate duplicate) {
        message.setHeader(EARLIER, duplicate.earlier().id());
      }
      return arrival;
    } finally {
      dropUnlessNeeded(id);
    }
  }

  private Intake storeBytes(String id, Message message) throws IOException {
    try (JobFiles files = workspace.open(id);
        InputStream body = message.getMandatoryBody(InputStream.class)) {
      Intake intake =
          new Acceptor(settings.maxSize().toBytes())
              .accept(body, files.toWrite().input(), Compression.DETECT);
      if (intake instanceof Intake.Accepted accepted) {
        files.keep(accepted.file());
      }
      return intake;
    } catch (InvalidPayloadException e) {
      throw new IOException("it has no content", e);
    }
  }

  /** Bytes that no job will read would fill the disk; with a store that cannot tell, they stay. */
  private void dropUnlessNeeded(String id) throws IOException {
    if (store.job(id).filter(job -> !job.refused()).isEmpty()) {
      workspace.drop(id);
    }
  }

  private Job job(String id, Drop drop, String pipeline, String provider, Intake intake) {
    var job =
        Job.accepted(
            id, pipeline, provider, drop.source(), drop.name(), drop.arrival(), clock.instant());
    return switch (intake) {
      case Intake.Accepted accepted ->
          job.with(b ->
              b.sha256(accepted.rawSha256())
                  .bytes(accepted.bytes())
                  .identity(pipeline + "|" + accepted.sha256()));
      case Intake.Refused refused ->
          job.with(b ->
              b.status(JobStatus.SETTLED)
                  .identity(pipeline + "|" + refused.code() + "|" + drop.arrival()) // of no content
                  .refusal(job.label() + ": " + refused.message()));
    };
  }

  private static void tell(Arrival arrival) {
    switch (arrival) {
      case Arrival.Accepted(Job job) when job.refused() ->
          LOG.warn("job={} refused: {}", job.id(), job.refusal());
      case Arrival.Duplicate(Job job, Job earlier) ->
          LOG.warn("job={} refused: {}", job.id(), job.refusal());
      case Arrival.Repeated(Job job) ->
          LOG.info("job={} read again: {} was accepted before a stop", job.id(), job.label());
      case Arrival.Accepted accepted -> {} // the store tells
    }
  }
}
