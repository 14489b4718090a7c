package io.caravan.queue.wait;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.queue.QueuedRequest;
import io.caravan.queue.store.Ended;
import io.caravan.queue.store.EndedFilter;
import io.caravan.queue.store.EndedStore;
import io.caravan.queue.store.Position;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** The streams of events that clients follow. */
@Component
public class EventStreams implements EndedWatch.Listener, SmartLifecycle, DisposableBean {
  private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);

  /** How long a client waits before it connects again, in milliseconds. */
  private static final byte[] BEGIN = "retry: 3000\n\n".getBytes(UTF_8);

  private static final int RETRY_SECONDS = 5;

  private final EndedWatch watch;
  private final EventOutputs outputs;
  private final EndedStore store;
  private final EventFormat format;
  private final Clock clock;
  private final ConcurrentMultimap<EndedFilter, EventStream> open = new ConcurrentMultimap<>();
  private final ScheduledExecutorService pages =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("queue-events").daemon().factory());
  private volatile boolean stopped;

  EventStreams(
      EndedWatch watch, EventOutputs outputs, EndedStore store, EventFormat format, Clock clock) {
    this.watch = watch;
    this.outputs = outputs;
    this.store = store;
    this.format = format;
    this.clock = clock;
    watch.add(this);
  }

  /** Whether streams may be opened. */
  public boolean isOpen() {
    return !stopped;
  }

  /**
   * Answers a call with a stream.
   *
   * @param after the last event that the client has; null for new ones only
   */
  public void open(
      HttpServletRequest call,
      HttpServletResponse response,
      EndedFilter filter,
      @Nullable Position after)
      throws IOException {
    EventOutput output = outputs.open(call, response);
    output.send(BEGIN);
    Position from = after == null ? new Position(clock.millis(), "") : after;
    var stream = new EventStream(output, filter, from, this::read);
    open.put(filter, stream);
    if (after == null) {
      stream.follow();
    } else {
      read(stream);
    }
    watch.start();
    if (stopped) {
      stream.end();
    }
  }

  private void read(EventStream stream) {
    if (!stopped) {
      pages.execute(() -> readNow(stream));
    }
  }

  private void readNow(EventStream stream) {
    if (stream.isClosed()) {
      return;
    }
    try {
      stream.page(
          store.rowsAfter(stream.beginPage(), stream.filter(), EventStream.PAGE).stream()
              .map(row -> EventStream.Event.of(row, format))
              .toList());
    } catch (DataAccessException e) {
      LOG.debug("a stream of events waits for the store", e);
      var unused = pages.schedule(() -> readNow(stream), RETRY_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Override
  public boolean isIdle() {
    return open.isEmpty();
  }

  @Override
  public void ended(List<Ended> fresh) {
    var wanted = new LinkedHashMap<Ended, List<EventStream>>();
    for (Ended each : fresh) {
      List<EventStream> streams = streams(each);
      if (!streams.isEmpty()) {
        wanted.put(each, streams);
      }
    }
    if (!wanted.isEmpty()) {
      Map<String, QueuedRequest> rows =
          store.rows(wanted.keySet().stream().map(Ended::id).toList()).stream()
              .collect(Collectors.toMap(QueuedRequest::id, row -> row));
      wanted.forEach((each, streams) -> {
        QueuedRequest row = rows.get(each.id());
        if (row != null) {
          var event = EventStream.Event.of(row, format);
          streams.forEach(stream -> stream.offer(event));
        }
      });
    }
  }

  private List<EventStream> streams(Ended ended) {
    return Stream.of(
            new EndedFilter(null, null, null),
            new EndedFilter(null, ended.jobType(), null),
            new EndedFilter(ended.client(), null, null),
            new EndedFilter(ended.client(), ended.jobType(), null),
            new EndedFilter(null, null, ended.id()),
            new EndedFilter(ended.client(), null, ended.id()))
        .flatMap(filter -> open.get(filter).stream())
        .toList();
  }

  @Override
  public void turn() {
    open.removeIf(EventStream::isClosed);
  }

  @Override
  public void start() {
    stopped = false;
  }

  /** Ends all streams before the web server waits for its calls. */
  @Override
  public void stop() {
    stopped = true;
    open.forEach(EventStream::end);
  }

  @Override
  public boolean isRunning() {
    return !stopped;
  }

  @Override
  public void destroy() {
    pages.shutdownNow();
  }
}
