package io.caravan;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What a class logs at INFO and above, as long as it is open. */
public final class Logged implements AutoCloseable {
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final Logger logger;
  private final @Nullable Level before;

  private Logged(Logger logger) {
    this.logger = logger;
    this.before = logger.getLevel();
    logger.setLevel(Level.INFO);
    events.start();
    logger.addAppender(events);
  }

  /** Listens to a class. */
  public static Logged by(Class<?> type) {
    return new Logged((Logger) LoggerFactory.getLogger(type));
  }

  /** Each line as the default log shows it, without its time. */
  public List<String> lines() {
    return events.list.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  /** The fields of each line. */
  public List<Map<String, String>> fields() {
    return events.list.stream().map(ILoggingEvent::getMDCPropertyMap).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(events);
    logger.setLevel(before);
  }
}
