package io.caravan.flow;

import io.caravan.job.CannotStartException;
import io.caravan.job.Timing;
import io.caravan.time.Deadline;
import io.caravan.time.SendTimes;
import io.caravan.time.UnfitTimeException;
import java.nio.charset.Charset;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;

/** A pipeline's settings from its YAML file; a bean whose properties Camel sets. */
public final class Pipeline {
  private String provider = "";
  private boolean strict;
  private boolean normalise;
  private boolean allowDuplicates;
  private boolean anyProvider;
  private String template = "default";
  private String charset = "UTF-8";
  private String schedule = "";
  private String deadline = "";
  private int priority = Timing.USUAL_PRIORITY;
  private Mode mode = Mode.BATCH;
  private long minRequests;
  private final Fallback fallback = new Fallback(this::getMode);

  /** How the requests of a pipeline are run. */
  public enum Mode {
    /** In batches. */
    BATCH,
    /** In batches, and one by one when these come too late. */
    HYBRID,
    /** One by one, now. */
    SYNCHRONOUS
  }

  /** The provider of its requests. */
  public String getProvider() {
    return provider;
  }

  /** Sets the provider. */
  public void setProvider(String provider) {
    this.provider = provider;
  }

  /** Whether complete requests are also normalised for their models. */
  public boolean isNormalise() {
    return normalise;
  }

  /** Sets whether complete requests are normalised. */
  public void setNormalise(boolean normalise) {
    this.normalise = normalise;
  }

  /** Whether one bad line makes Caravan refuse the whole file. */
  public boolean isStrict() {
    return strict;
  }

  /** Sets whether one bad line makes Caravan refuse the whole file. */
  public void setStrict(boolean strict) {
    this.strict = strict;
  }

  /** Whether the same content may be sent and paid for again, overriding the general setting. */
  public boolean isAllowDuplicates() {
    return allowDuplicates;
  }

  /** Sets whether the same content may be paid for again. */
  public void setAllowDuplicates(boolean allowDuplicates) {
    this.allowDuplicates = allowDuplicates;
  }

  /** Whether a message may name another provider. */
  public boolean isAnyProvider() {
    return anyProvider;
  }

  /** Sets whether a message may name another provider. */
  public void setAnyProvider(boolean anyProvider) {
    this.anyProvider = anyProvider;
  }

  /** The template that turns rows and short lines into requests. */
  public String getTemplate() {
    return template;
  }

  /** Sets the template, a file in config/templates. */
  public void setTemplate(String template) {
    this.template = template;
  }

  /** The encoding of files without a byte-order mark. */
  public String getCharset() {
    return charset;
  }

  /** Sets the encoding, such as windows-1252. */
  public void setCharset(String charset) {
    this.charset = charset;
  }

  /** When its jobs are sent: times of day, a window or a cron expression; empty for at once. */
  public String getSchedule() {
    return schedule;
  }

  /** Sets the schedule, such as {@code 02:00} or {@code 22:00-06:00}. */
  public void setSchedule(String schedule) {
    this.schedule = schedule;
  }

  /** The deadline of jobs that have none of their own; empty for none. */
  public String getDeadline() {
    return deadline;
  }

  /** Sets the deadline, such as {@code 4h} or {@code 06:00}. */
  public void setDeadline(String deadline) {
    this.deadline = deadline;
  }

  /** The priority of jobs that have none of their own: 1 to 10, the most urgent. */
  public int getPriority() {
    return priority;
  }

  /** Sets the priority. */
  public void setPriority(int priority) {
    this.priority = priority;
  }

  /** How its requests are run: batch, hybrid or synchronous. */
  public Mode getMode() {
    return mode;
  }

  /** Sets the mode. */
  public void setMode(Mode mode) {
    this.mode = mode;
  }

  /** Files with fewer valid requests are run one by one at once, in mode hybrid; 0 for none. */
  public long getMinRequests() {
    return minRequests;
  }

  /** Sets that number of requests. */
  public void setMinRequests(long minRequests) {
    this.minRequests = minRequests;
  }

  /** What happens to batches that are late. */
  public Fallback getFallback() {
    return fallback;
  }

  /**
   * Whether a file is run without a batch.
   *
   * @param requests its valid ones
   */
  public boolean skipsBatch(long requests) {
    return mode == Mode.SYNCHRONOUS || (mode == Mode.HYBRID && requests < minRequests);
  }

  /**
   * Its schedule, if it has one.
   *
   * @throws UnfitTimeException if it cannot be read
   */
  public Optional<SendTimes> sendTimes(ZoneId zone) {
    return SendTimes.of(schedule, zone);
  }

  /** Fails if the schedule, the deadline or the priority cannot be used. */
  public void checkTiming(String name, Clock clock, ZoneId zone) {
    try {
      sendTimes(zone);
      if (!deadline.isBlank()) {
        Deadline.of(deadline, clock, zone);
      }
    } catch (UnfitTimeException e) {
      throw new CannotStartException(
          "Pipeline \"%s\": %s".formatted(name, e.getMessage()), "Correct it in its file.");
    }
    if (priority < 1 || priority > Timing.HIGHEST_PRIORITY) {
      throw new CannotStartException(
          "Pipeline \"%s\" has priority %d.".formatted(name, priority),
          "Use a number from 1 to %d, the most urgent.".formatted(Timing.HIGHEST_PRIORITY));
    }
  }

  public Charset encoding(String name) {
    try {
      return Charset.forName(charset);
    } catch (IllegalArgumentException e) {
      throw new CannotStartException(
          "Pipeline \"%s\" names an unknown charset: \"%s\".".formatted(name, charset),
          "Use one such as UTF-8, windows-1252 or Shift_JIS.");
    }
  }
}
