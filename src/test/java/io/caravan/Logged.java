package io.caravan;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Captures what a class logs at INFO and above until closed. */
public final class Logged implements AutoCloseable {
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final Logger logger;
  private final @Nullable Level before;

  private Logged(Logger logger, Level level) {
    this.logger = logger;
    this.before = logger.getLevel();
    logger.setLevel(level);
    events.start();
    logger.addAppender(events);
  }

  /** Starts capturing the log of a class. */
  public static Logged by(Class<?> type) {
    return new Logged((Logger) LoggerFactory.getLogger(type), Level.INFO);
  }

  /** Starts capturing the log of a class at all levels. */
  public static Logged everythingBy(Class<?> type) {
    return new Logged((Logger) LoggerFactory.getLogger(type), Level.TRACE);
  }

  /** The lines in the default log format, without time. */
  public List<String> lines() {
    return events.list.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  /** The structured fields of each line. */
  public List<Map<String, String>> fields() {
    return events.list.stream().map(ILoggingEvent::getMDCPropertyMap).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(events);
    logger.setLevel(before);
  }
}
