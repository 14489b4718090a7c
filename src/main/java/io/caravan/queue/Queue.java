package io.caravan.queue;

import io.caravan.time.SendTimes;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.util.unit.DataSize;

/**
 * A queue's settings from a YAML file; a bean whose properties Camel sets. A queue makes a job of
 * its requests as soon as one of its limits is reached.
 */
public final class Queue {
  private String pipeline = "";
  private String provider = "";
  private long maxRequests = 50_000;
  private DataSize maxBytes = DataSize.ofMegabytes(100);
  private long maxTokens = Long.MAX_VALUE;
  private Duration maxAge = Duration.ofMinutes(15);
  private String schedule = "";
  private Set<String> jobTypes = Set.of();

  /** The pipeline of its jobs. */
  public String getPipeline() {
    return pipeline;
  }

  /** Sets the pipeline. */
  public void setPipeline(String pipeline) {
    this.pipeline = pipeline;
  }

  /** The provider whose requests it takes; empty for those that no other queue takes. */
  public String getProvider() {
    return provider;
  }

  /** Sets the provider. */
  public void setProvider(String provider) {
    this.provider = provider;
  }

  /** The job types whose requests it takes before any other queue; empty for none. */
  public Set<String> jobTypes() {
    return jobTypes;
  }

  /** Sets the job types, separated by commas. */
  public void setJobTypes(String jobTypes) {
    this.jobTypes =
        Stream.of(jobTypes.split(","))
            .map(String::strip)
            .filter(type -> !type.isEmpty())
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The most requests that wait, and the most in one job. */
  public long getMaxRequests() {
    return maxRequests;
  }

  /** Sets the number of requests. */
  public void setMaxRequests(long maxRequests) {
    if (maxRequests < 1) {
      throw new IllegalArgumentException("maxRequests of a queue must be at least 1");
    }
    this.maxRequests = maxRequests;
  }

  /** The most bytes of requests that wait. */
  public DataSize maxBytes() {
    return maxBytes;
  }

  /** Sets the bytes, such as 100MB. */
  public void setMaxBytes(String maxBytes) {
    this.maxBytes = DataSize.parse(maxBytes);
  }

  /** The most estimated prompt tokens of requests that wait. */
  public long getMaxTokens() {
    return maxTokens;
  }

  /** Sets the number of tokens. */
  public void setMaxTokens(long maxTokens) {
    this.maxTokens = maxTokens;
  }

  /**
   * When its requests become jobs that are sent: times of day, a window or a cron expression; empty
   * for as soon as a limit is reached. With a schedule, {@code maxAge} does not count, and jobs of
   * other limits wait for it.
   */
  public String getSchedule() {
    return schedule;
  }

  /**
   * Sets the schedule, such as {@code 02:00}.
   *
   * @throws io.caravan.time.UnfitTimeException if it cannot be read; found later, it would stop all
   *     queues
   */
  public void setSchedule(String schedule) {
    SendTimes.of(schedule, ZoneOffset.UTC);
    this.schedule = schedule;
  }

  /** Its schedule, if it has one. */
  public Optional<SendTimes> sendTimes(ZoneId zone) {
    return SendTimes.of(schedule, zone);
  }

  /**
   * When requests become a job at the latest.
   *
   * @param oldest when the oldest of them arrived
   */
  public Instant due(Instant oldest, ZoneId zone) {
    return sendTimes(zone).map(it -> it.next(oldest)).orElseGet(() -> oldest.plus(maxAge));
  }

  /** The longest wait of a request for others. */
  public Duration getMaxAge() {
    return maxAge;
  }

  /** Sets the longest wait, such as 15m. */
  public void setMaxAge(Duration maxAge) {
    this.maxAge = maxAge;
  }
}
