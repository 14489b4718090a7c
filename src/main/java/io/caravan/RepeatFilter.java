package io.caravan;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.context.ApplicationListener;

/**
 * Drops warnings and errors of libraries that repeat one of the last minute, such as those of
 * clients that reconnect to a broker several times a second.
 */
final class RepeatFilter extends TurboFilter {
  private static final Duration OUTAGE = Duration.ofMinutes(1);
  private static final int REMEMBERED = 500;
  private static final String OWN = "io.caravan.";

  /** What differs between two attempts: the name of the client, the exchange, and numbers. */
  private static final Pattern COUNTS =
      Pattern.compile("^\\[[^]]*] |(?<=Exchange)\\[[^]]*]|-?\\d+");

  private final Clock clock;

  /** The last time of each message; the least recent ones are forgotten. */
  private final Map<String, Instant> last =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  RepeatFilter(Clock clock) {
    this.clock = clock;
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] parameters,
      @Nullable Throwable problem) {
    if (format == null
        || !level.isGreaterOrEqual(Level.WARN)
        || !level.isGreaterOrEqual(logger.getEffectiveLevel())
        || logger.getName().startsWith(OWN)) {
      return FilterReply.NEUTRAL;
    }
    String message = MessageFormatter.arrayFormat(format, parameters).getMessage();
    String kind = logger.getName() + COUNTS.matcher(message).replaceAll("") + problem;
    return isRepeated(kind) ? FilterReply.DENY : FilterReply.NEUTRAL;
  }

  private boolean isRepeated(String kind) {
    Instant now = clock.instant();
    synchronized (last) {
      Instant before = last.put(kind, now);
      return before != null && before.plus(OUTAGE).isAfter(now);
    }
  }

  /** Installs the filter before routes start. */
  static final class Installation implements ApplicationListener<ApplicationPreparedEvent> {
    @Override
    public void onApplicationEvent(ApplicationPreparedEvent prepared) {
      if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
        var filter = new RepeatFilter(Clock.systemUTC());
        filter.setContext(context);
        filter.start();
        context.getTurboFilterList().removeIf(RepeatFilter.class::isInstance);
        context.addTurboFilter(filter);
      }
    }
  }
}
