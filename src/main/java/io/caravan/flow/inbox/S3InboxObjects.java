package io.caravan.flow.inbox;

import io.caravan.flow.AnotherReadsException;
import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.FileNames;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipelines;
import io.caravan.flow.S3Inbox;
import io.caravan.job.Deliveries;
import io.caravan.job.JobStore;
import io.caravan.job.source.SourceLocks;
import io.caravan.s3.FoundObject;
import io.caravan.s3.S3Objects;
import io.caravan.s3.WholeObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.apache.camel.support.CamelContextHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Takes objects from buckets: finds those without a job, lets one replica read each, and moves or
 * deletes it once it is a job.
 */
@Component("objects")
public class S3InboxObjects {
  private static final Logger LOG = LoggerFactory.getLogger(S3InboxObjects.class);
  private static final int REMEMBERED = 10_000;

  private final ObjectProvider<S3Objects> s3;
  private final JobStore store;
  private final Deliveries deliveries;
  private final SourceLocks sourceLocks;
  private final Pipelines pipelines;
  private final InboxStates states;
  private final S3Events events;
  private final NotTaken notTaken;
  private final Clock clock;
  private final Duration quiet;

  /** Our own outputs, and their folders, in an inbox. */
  private final Set<String> own = ConcurrentHashMap.newKeySet();

  private final Map<String, Instant> looks = new ConcurrentHashMap<>();

  S3InboxObjects(
      ObjectProvider<S3Objects> s3,
      JobStore store,
      Deliveries deliveries,
      SourceLocks sourceLocks,
      Pipelines pipelines,
      InboxStates states,
      S3Events events,
      NotTaken notTaken,
      Clock clock,
      FlowProperties.Intake settings) {
    this.s3 = s3;
    this.store = store;
    this.deliveries = deliveries;
    this.sourceLocks = sourceLocks;
    this.pipelines = pipelines;
    this.states = states;
    this.events = events;
    this.notTaken = notTaken;
    this.clock = clock;
    this.quiet = settings.quietUnfinished();
  }

  /** All due objects in an inbox, read page by page to hold only one page in memory. */
  public Iterator<InboxObject> due(String name, Exchange exchange) {
    S3Inbox inbox = inbox(name, exchange);
    String pipeline = pipelines.nameFor(exchange);
    notTaken.forgetUnseen(
        FoundObject.SCHEME + inbox.getBucket() + "/" + inbox.getPrefix(),
        looks.put(name, clock.instant()));
    Predicate<Object> goesOn = any -> !exchange.getContext().isStopping();
    return new EndsWithFailure<>(
        s3.getObject()
            .pages(inbox.getBucket(), inbox.getPrefix())
            .takeWhile(goesOn)
            .peek(page -> states.well(pipeline))
            .peek(page -> page.forEach(object -> tellNotTaken(inbox, object)))
            .flatMap(page -> due(inbox, pipeline, page))
            .takeWhile(goesOn)
            .iterator());
  }

  /** Ends after a failure, since Camel calls hasNext() again after it threw. */
  private static final class EndsWithFailure<T> implements Iterator<T> {
    private final Iterator<T> all;
    private boolean failed;

    EndsWithFailure(Iterator<T> all) {
      this.all = all;
    }

    @Override
    public boolean hasNext() {
      if (failed) {
        return false;
      }
      failed = true;
      boolean more = all.hasNext();
      failed = false;
      return more;
    }

    @Override
    public T next() {
      return all.next();
    }
  }

  /** The objects of an S3 event message that still exist. */
  public List<InboxObject> announced(String name, Exchange exchange) {
    S3Inbox inbox = inbox(name, exchange);
    String message = exchange.getMessage().getBody(String.class);
    List<FoundObject> found =
        events.created(message).stream()
            .distinct()
            .filter(it -> takes(inbox, it))
            .map(it -> s3.getObject().find(it.bucket(), it.key()))
            .flatMap(Optional::stream)
            .toList();
    String pipeline = pipelines.nameFor(exchange);
    states.well(pipeline);
    return due(inbox, pipeline, found).toList();
  }

  private boolean takes(S3Inbox inbox, S3Events.Created created) {
    String bucket = FoundObject.SCHEME + created.bucket() + "/";
    inbox
        .refusal(created.bucket(), created.key())
        .filter(it -> deliveries.reservedWith(bucket + created.key()).isEmpty()) // not our output
        .ifPresent(
            it -> LOG.warn("{}{} {}", bucket, it.key().replaceAll("\\p{Cntrl}", "?"), it.reason()));
    return inbox.takes(created.bucket(), created.key());
  }

  private static S3Inbox inbox(String name, Exchange exchange) {
    return CamelContextHelper.mandatoryLookup(exchange.getContext(), name, S3Inbox.class);
  }

  private Stream<InboxObject> due(S3Inbox inbox, String pipeline, List<FoundObject> found) {
    List<InboxObject> drops =
        found.stream()
            .filter(it -> inbox.takes(it.bucket(), it.key()))
            .map(it -> new InboxObject(inbox, pipeline, it))
            .toList();
    Map<String, String> jobs =
        store.accepted(pipeline, drops.stream().map(InboxObject::arrival).toList());
    return drops.stream().filter(drop -> isDue(drop, jobs.get(drop.arrival())));
  }

  /** Whether it needs a job; removes an object that has one, left by a crash or S3 error. */
  private boolean isDue(InboxObject drop, @Nullable String job) {
    Optional<String> problem = states.setBack(drop);
    if (problem.isPresent()) {
      problem
          .filter(why -> !why.isBlank())
          .ifPresent(
              why -> notTaken.record(drop.object().uri(), "stays where it is for now: " + why));
      return false;
    }
    if (job == null) {
      return !isOutput(drop);
    }
    if (drop.inbox().getAfterwards() != S3Inbox.Afterwards.LEAVE
        && sourceLocks.begin(drop.arrival())) {
      try {
        release(drop, job);
      } catch (RuntimeException e) {
        states.setBack(drop, e);
      } finally {
        sourceLocks.end(drop.arrival());
      }
    }
    return false;
  }

  /** Reports the object once it is old enough; its writer may still rename it. */
  private void tellNotTaken(S3Inbox inbox, FoundObject object) {
    if (object.modified().plus(quiet).isAfter(clock.instant())) {
      return;
    }
    inbox
        .refusal(object.bucket(), object.key())
        .ifPresent(it -> {
          String source = FoundObject.SCHEME + object.bucket() + "/" + it.key();
          if (!own.contains(source)) {
            if (notTaken.isTold(source) || deliveries.reservedWith(object.uri()).isEmpty()) {
              notTaken.tell(source, it.reason());
            } else if (own.size() < REMEMBERED) {
              own.add(source);
            }
          }
        });
  }

  /** Whether it is our own output; taking it, where prefixes overlap, would loop forever. */
  private boolean isOutput(InboxObject drop) {
    return !deliveries.reservedWith(drop.object().uri()).isEmpty();
  }

  /** Locks the object for this replica and sets the body to the request for its bytes. */
  public void claim(@Body InboxObject drop, Exchange exchange) throws AnotherReadsException {
    exchange.setProperty(ExchangeProperties.OBJECT, drop);
    SingleReader.begin(sourceLocks, drop.arrival(), drop.name(), exchange);
    if (!store.accepted(drop.pipeline(), List.of(drop.arrival())).isEmpty()) {
      throw new AnotherReadsException(drop.name()); // taken since it was listed
    }
    Message message = exchange.getMessage();
    message.removeHeaders("*");
    message.setHeader(InboxFile.ARRIVAL, drop.arrival());
    message.setHeader(InboxFile.SOURCE, drop.object().uri());
    message.setHeader(InboxFile.SIZE, drop.object().size());
    message.setHeader(Exchange.FILE_NAME, drop.name());
    message.setHeader(Pipelines.HEADER, drop.pipeline());
    message.setBody(S3Objects.read(drop.object()));
  }

  /** The content, checked for its full length. */
  public WholeObject whole(
      @Body ResponseInputStream<GetObjectResponse> response,
      @ExchangeProperty(ExchangeProperties.OBJECT) InboxObject drop) {
    return new WholeObject(drop.object(), response);
  }

  /** Moves, deletes or keeps an object that is now a job, as the inbox is configured. */
  public void release(
      @ExchangeProperty(ExchangeProperties.OBJECT) InboxObject drop,
      @Header(CaravanHeaders.JOB) String jobId) {
    FoundObject object = drop.object();
    boolean unchanged =
        switch (drop.inbox().getAfterwards()) {
          case LEAVE -> true;
          case DELETE -> s3.getObject().delete(object);
          case MOVE -> move(drop, jobId);
        };
    if (!unchanged) {
      LOG.debug("{} was overwritten and stays", object.uri());
    }
  }

  private boolean move(InboxObject drop, String jobId) {
    FoundObject object = drop.object();
    String accepted = drop.inbox().getAcceptedPrefix();
    String key = FileNames.key(accepted, drop.name());
    Optional<FoundObject> there = s3.getObject().find(object.bucket(), key);
    boolean copied = there.filter(it -> isCopy(it, object)).isPresent(); // copied before a crash
    if (there.isPresent() && !copied) {
      key = FileNames.key(accepted, FileNames.withId(drop.name(), jobId));
    }
    return (copied || s3.getObject().copy(object, key)) && s3.getObject().delete(object);
  }

  private static boolean isCopy(FoundObject copy, FoundObject object) {
    return copy.eTag().equals(object.eTag()) && copy.size() == object.size();
  }
}
