package io.caravan.queue.wait;

import io.caravan.queue.store.Ended;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** The open streams of events, which get a comment from time to time. */
@Component
public class EventOutputs implements EndedWatch.Listener {
  private static final long CHECK = TimeUnit.SECONDS.toNanos(1);

  private final EndedWatch watch;
  private final Set<EventOutput> open = ConcurrentHashMap.newKeySet();
  private long checkedAt = System.nanoTime();

  EventOutputs(EndedWatch watch) {
    this.watch = watch;
    watch.add(this);
  }

  /** Begins the answer to a call whose body has been read. */
  public EventOutput open(HttpServletRequest call, HttpServletResponse response)
      throws IOException {
    EventOutput output = EventOutput.open(call, response);
    open.add(output);
    watch.start();
    return output;
  }

  @Override
  public boolean isIdle() {
    return open.isEmpty();
  }

  @Override
  public void ended(List<Ended> fresh) {
    // its streams wait for requests by themselves
  }

  @Override
  public void turn() {
    if (System.nanoTime() - checkedAt > CHECK) {
      open.removeIf(EventOutput::isClosed);
      open.forEach(EventOutput::beat);
      checkedAt = System.nanoTime();
    }
  }
}
