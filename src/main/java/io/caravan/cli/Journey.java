package io.caravan.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.job.BatchStore;
import io.caravan.job.Job;
import io.caravan.job.Part;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Files on their way: makes jobs of them, shows how far they are, and tells where they ended. */
final class Journey {
  private static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();

  private static final JsonMapper JSON = new JsonMapper();
  private static final int LONGEST_ERROR = 200;

  private final Sender sender;
  private final BatchStore store;
  private final Worker worker;
  private final PrintWriter out;

  Journey(Sender sender, BatchStore store, Worker worker, PrintWriter out) {
    this.sender = sender;
    this.store = store;
    this.worker = worker;
    this.out = out;
  }

  /** The process that works on the jobs. */
  interface Worker {
    /** Why it sends nothing to a provider, as far as it can be asked. */
    Optional<String> refusal(String provider);

    /** Whether it still runs. */
    boolean isAlive();
  }

  /**
   * Makes a job of a file; the id of the job that carries it, maybe an earlier one.
   *
   * @param again whether to pay for content that was carried through before
   */
  String send(Path file, boolean again) throws IOException {
    Sender.Sent sent = sender.send(file, again);
    if (sent.earlier() != null) {
      out.println(store.job(sent.own()).map(Job::refusal).orElse(""));
    }
    return !again && cameToNothing(sent.job()) ? send(file, true) : sent.job();
  }

  /** An earlier run that brought no result, as without a valid key, is no reason not to try. */
  private boolean cameToNothing(String id) {
    Job job = store.job(id).orElseThrow();
    return job.status().finished() && job.results() == 0;
  }

  /** Waits for the jobs to end; false when the process that works on them has ended before. */
  boolean await(List<String> ids) {
    var waiting = new LinkedHashSet<>(ids);
    var setbacks = new HashMap<String, String>();
    try (JobProgress progress = JobProgress.on(out)) {
      while (!waiting.isEmpty() && !allRefused(waiting) && worker.isAlive()) {
        long total = 0;
        long done = 0;
        for (String id : new LinkedHashSet<>(ids)) {
          Job job = store.job(id).orElseThrow();
          total += job.requests();
          done += job.status().finished() ? job.requests() : answered(job, setbacks, progress);
          if (job.status().finished() || isHeld(job)) {
            waiting.remove(id);
          }
        }
        progress.show(done, total);
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
    return waiting.isEmpty() || worker.isAlive();
  }

  /** Tells where they ended; whether each was carried through. */
  boolean tell(List<String> ids, Instant start, boolean failOnErrors) {
    return ids.stream()
        .distinct()
        .map(id -> tell(store.job(id).orElseThrow(), start, failOnErrors))
        .reduce(true, Boolean::logicalAnd);
  }

  /** Nobody lets it go while a command waits. */
  private static boolean isHeld(Job job) {
    return job.parkedAt() != null;
  }

  /** Nobody mends a key while a command waits. */
  private boolean allRefused(Collection<String> ids) {
    return ids.stream()
        .map(id -> store.job(id).orElseThrow())
        .allMatch(job -> worker.refusal(job.provider()).isPresent());
  }

  /** What is sent again in a further part has no answer yet, though its first part has ended. */
  private long answered(Job job, Map<String, String> told, JobProgress progress) {
    long answered = 0;
    for (Part part : store.parts(job.id())) {
      answered += part.status().terminal() ? part.requests() : part.completed() + part.failed();
      answered -= part.isFurther() ? part.requests() : 0;
      String setback = part.setback();
      if (setback != null && !setback.equals(told.put(part.id(), setback))) {
        progress.say(job.label() + ": " + setback);
      }
    }
    return answered;
  }

  private boolean tell(Job job, Instant start, boolean failOnErrors) {
    Map<String, String> paths = store.deliveries(job.id());
    if (isHeld(job)) {
      out.printf(
          "%s: %s%n  \"caravan retry %s\" lets it go on, \"caravan cancel %s\" ends it.%n",
          job.label(), job.setback(), job.id(), job.id());
      out.flush();
      return false;
    }
    if (!job.status().finished()) {
      out.printf(
          "%s: provider %s refuses us: %s%n  Nothing is lost: mend it and run the file again, which"
              + " goes on with job %s.%n",
          job.label(),
          job.provider(),
          worker.refusal(job.provider()).orElse("see the log"),
          job.id());
      out.flush();
      return false;
    }
    if (job.refused()) {
      out.println(job.refusal());
    } else {
      out.printf(
          "%s: %d requests, %d results, %d errors (job %s, %s)%n",
          job.label(), job.requests(), job.results(), job.errors(), job.id(), time(job, start));
    }
    for (String kind : List.of("results", "errors", "report")) {
      String path = paths.get(kind);
      if (path != null) {
        out.printf("  %-8s %s%s%n", kind, path, Files.exists(Path.of(path)) ? "" : " (gone)");
      }
    }
    if (!job.refused()) {
      frequentError(paths.get("errors")).ifPresent(out::println);
    }
    boolean refused = job.refused() || store.parts(job.id()).stream().anyMatch(Part::refused);
    out.flush();
    boolean nothing = job.requests() > 0 && job.results() == 0;
    return !refused && !nothing && !(failOnErrors && job.errors() > 0);
  }

  /** What most of the errors say, as far as they lie in a folder. */
  private static Optional<String> frequentError(@Nullable String path) {
    if (path == null || !Files.exists(Path.of(path))) {
      return Optional.empty();
    }
    var counts = new HashMap<String, Integer>();
    try (MappingIterator<JsonNode> lines =
        JSON.readerFor(JsonNode.class).readValues(Path.of(path).toFile())) {
      while (lines.hasNextValue()) {
        counts.merge(message(lines.nextValue()), 1, Integer::sum);
      }
    } catch (IOException e) {
      return Optional.empty(); // another form, as a pipeline of the user's may write
    }
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(most -> "  most frequent error: %d x %s".formatted(most.getValue(), most.getKey()));
  }

  /** Without what tells one line from another. */
  private static String message(JsonNode line) {
    JsonNode own = line.path("error");
    JsonNode error = own.isObject() ? own : line.at("/response/body/error");
    String code = error.path("code").asText(error.path("type").asText(""));
    String message =
        error.path("message").asText("no message").replaceFirst("^\\S+ line \\d+: ", "");
    String text = (code.isEmpty() || code.equals("null") ? "" : code + ": ") + message;
    return text.length() > LONGEST_ERROR ? text.substring(0, LONGEST_ERROR) + "…" : text;
  }

  private static String time(Job job, Instant start) {
    Instant finished = job.finishedAt() == null ? Instant.now() : job.finishedAt();
    if (finished.isBefore(start)) {
      return "carried through at " + finished + ", nothing was sent again; --again pays again";
    }
    Duration took = Duration.between(job.acceptedAt(), finished);
    return "%.1f s".formatted(took.toMillis() / 1000.0);
  }
}
