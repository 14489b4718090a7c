package io.caravan.flow.inbox;

import io.caravan.client.Clients;
import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.Pipeline;
import io.caravan.job.Timing;
import io.caravan.jsonl.Quote;
import io.caravan.time.Deadline;
import io.caravan.time.UnfitTimeException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * When a new job may be sent, by when it is needed, and how urgent it is: as its message says, its
 * file's name ({@code x.by-4h.jsonl}, {@code x.by-0600.jsonl}), or its pipeline.
 */
@Component
record JobTiming(Clients clients, Clock clock, ZoneId zone) {
  private static final Pattern BY =
      Pattern.compile("\\.by-(?<deadline>[^.]+)\\.[^/]*$", Pattern.CASE_INSENSITIVE);
  private static final Pattern CLOCK_TIME = Pattern.compile("(\\d\\d)(\\d\\d)");

  /**
   * The timing of a job that is accepted now.
   *
   * @param name of its file
   * @throws UnfitTimeException if a deadline or priority cannot be used; the message says why
   */
  Timing of(Pipeline pipeline, String name, Message message, @Nullable String client) {
    Timing timing = timing(pipeline, name, message, client);
    Instant asked = message.getHeader(CaravanHeaders.SEND_AT, Instant.class);
    if (asked != null) {
      String schedule = message.getHeader(CaravanHeaders.SEND_SCHEDULE, String.class);
      return asked.equals(Instant.MIN)
          ? timing
          : timing.with(t -> t.sendAt(asked).sendSchedule(schedule));
    }
    Instant now = clock.instant();
    return pipeline
        .sendTimes(zone)
        .map(it -> timing.with(t -> t.sendAt(it.next(now)).sendSchedule(it.toString())))
        .orElse(timing);
  }

  /** The timing of a job that an operator sends now, whatever the schedule. */
  Timing atOnce(Pipeline pipeline, String name) {
    return timing(pipeline, name, null, null);
  }

  private Timing timing(
      Pipeline pipeline, String name, @Nullable Message message, @Nullable String client) {
    return new Timing(
        null,
        null,
        deadlineAt(pipeline, name, message),
        Math.min(priority(pipeline, message), clients.of(client).maxPriority()));
  }

  private @Nullable Instant deadlineAt(Pipeline pipeline, String name, @Nullable Message message) {
    return message != null && message.getHeader(CaravanHeaders.DEADLINE) instanceof Instant absolute
        ? absolute // from a queue, where it may have passed
        : deadline(pipeline, name, message)
            .map(text -> Deadline.of(text, clock, zone))
            .orElse(null);
  }

  private static Optional<String> deadline(
      Pipeline pipeline, String name, @Nullable Message message) {
    return header(message, CaravanHeaders.DEADLINE)
        .or(() -> inName(name))
        .or(() -> Optional.of(pipeline.getDeadline()).filter(text -> !text.isBlank()));
  }

  /** A time of day has no colon there, since some file systems do not allow it. */
  private static Optional<String> inName(String name) {
    Matcher by = BY.matcher(name);
    if (!by.find()) {
      return Optional.empty();
    }
    String text = by.group("deadline");
    Matcher time = CLOCK_TIME.matcher(text);
    return Optional.of(time.matches() ? time.group(1) + ":" + time.group(2) : text);
  }

  private static int priority(Pipeline pipeline, @Nullable Message message) {
    return header(message, CaravanHeaders.PRIORITY)
        .map(JobTiming::priority)
        .orElse(pipeline.getPriority());
  }

  private static int priority(String text) {
    if (!text.matches("[1-9]|10")) {
      throw new UnfitTimeException(
          "%s is %s. Use a number from 1 to %d, the most urgent."
              .formatted(CaravanHeaders.PRIORITY, Quote.of(text), Timing.HIGHEST_PRIORITY));
    }
    return Integer.parseInt(text);
  }

  private static Optional<String> header(@Nullable Message message, String name) {
    return message == null
        ? Optional.empty()
        : Optional.ofNullable(message.getHeader(name, String.class))
            .map(String::strip)
            .filter(text -> !text.isEmpty());
  }
}
