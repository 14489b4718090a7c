package io.caravan;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/**
 * Keeps secrets out of the log: at DEBUG and TRACE, where libraries log request headers, it drops
 * messages that contain one.
 */
final class SecretFilter extends TurboFilter {
  private static final int SHORTEST = 6;

  private static final Pattern NAME =
      Pattern.compile(
          "(?i).*(api-?_?key|token|password|secret(-|_)?(access(-|_)?)?(key)?|own-?_?key)|"
              + SettingNames.CALLBACK_SECRET
              + "_.*");

  /** The secrets that verify webhooks. */
  private static final Pattern SIGNING =
      Pattern.compile("(?i).*_webhook_secret|caravan\\.webhooks\\..*|caravan_webhooks_.*");

  /** A header with a key, including keys of clients. */
  private static final Pattern HEADER =
      Pattern.compile("(?i)(authorization|[\\w-]*api-key|cookie)[\"']?\\s*[:=]\\s*\\S");

  private final Set<String> secrets;

  SecretFilter(Set<String> secrets) {
    this.secrets = Set.copyOf(secrets);
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
        || level.isGreaterOrEqual(Level.INFO)
        || !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
      return FilterReply.NEUTRAL;
    }
    String message = MessageFormatter.arrayFormat(format, parameters).getMessage();
    return holdsSecret(message) || (problem != null && holdsSecret(String.valueOf(problem)))
        ? FilterReply.DENY
        : FilterReply.NEUTRAL;
  }

  private boolean holdsSecret(String text) {
    return HEADER.matcher(text).find() || secrets.stream().anyMatch(text::contains);
  }

  /** The values of all settings and environment variables whose names look like secrets. */
  static Set<String> secrets(ConfigurableEnvironment environment) {
    var secrets = new TreeSet<String>();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof EnumerablePropertySource<?> several) {
        for (String name : several.getPropertyNames()) {
          if (NAME.matcher(name).matches()) {
            String value = value(environment, name);
            if (value != null) {
              secrets.addAll(several(name, value));
            }
          }
        }
      }
    }
    return secrets;
  }

  /** The secrets in a value; two signing secrets may stand in one variable. */
  private static List<String> several(String name, String value) {
    return Stream.of(
            name.startsWith(SettingNames.CALLBACK_SECRET) || SIGNING.matcher(name).matches()
                ? value.split("[\\s,]+", -1)
                : new String[] {value})
        .filter(secret -> secret.length() >= SHORTEST)
        .toList();
  }

  private static @Nullable String value(ConfigurableEnvironment environment, String name) {
    try {
      return environment.getProperty(name);
    } catch (IllegalArgumentException e) {
      return null; // a placeholder without a value
    }
  }

  /** Installs the filter once the settings are loaded. */
  static final class Installation implements ApplicationListener<ApplicationPreparedEvent> {
    @Override
    public void onApplicationEvent(ApplicationPreparedEvent prepared) {
      if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
        var filter = new SecretFilter(secrets(prepared.getApplicationContext().getEnvironment()));
        filter.setContext(context);
        filter.start();
        context.getTurboFilterList().removeIf(SecretFilter.class::isInstance);
        context.addTurboFilter(filter);
      }
    }
  }
}
