package io.caravan.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.job.Deliveries;
import io.caravan.job.Job;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.Store;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The run of files through a pipeline: creates their jobs, shows progress, and prints the results.
 */
final class Journey {
  private static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();

  private static final JsonMapper JSON = new JsonMapper();
  private static final int LONGEST_ERROR = 200;

  private final Sender sender;
  private final JobStore jobs;
  private final Deliveries deliveries;
  private final Worker worker;
  private final PrintWriter out;

  /** The jobs of files that were refused because an earlier job has the same content. */
  private final Set<String> duplicates = new HashSet<>();

  Journey(Sender sender, Store store, Worker worker, PrintWriter out) {
    this.sender = sender;
    this.jobs = store.jobs();
    this.deliveries = store.deliveries();
    this.worker = worker;
    this.out = out;
  }

  /** The process that runs the jobs. */
  interface Worker {
    /** Why it currently sends nothing to a provider, if known. */
    Optional<String> refusal(String provider);

    /** Whether it is still running. */
    boolean isAlive();
  }

  /**
   * Creates a job for a file; returns its id, or the id of an earlier job with the same content.
   *
   * @param again whether to send and pay for content of an earlier job again
   */
  String send(Path file, boolean again) throws IOException {
    Sender.Sent sent = sender.send(file, again);
    if (sent.earlier() != null) {
      duplicates.add(sent.own());
      out.println(jobs.job(sent.own()).map(Job::refusal).orElse(""));
    }
    return !again && cameToNothing(sent.job()) ? send(file, true) : sent.job();
  }

  /**
   * Whether a job finished without results, for example for lack of a valid key, so that its file
   * may be sent again.
   */
  private boolean cameToNothing(String id) {
    Job job = jobs.job(id).orElseThrow();
    return job.status().finished() && job.counts().results() == 0;
  }

  /**
   * Waits until the jobs finish and refusals of duplicates are delivered; false if the process that
   * runs them stops first.
   */
  boolean await(List<String> ids) {
    var waiting = new LinkedHashSet<>(ids);
    var setbacks = new HashMap<String, String>();
    try (JobProgress progress = JobProgress.on(out)) {
      while ((waiting.isEmpty() ? !duplicatesEnded() : !allRefused(waiting)) && worker.isAlive()) {
        long total = 0;
        long done = 0;
        for (String id : new LinkedHashSet<>(ids)) {
          Job job = jobs.job(id).orElseThrow();
          total += job.counts().requests();
          done +=
              job.status().finished() ? job.counts().requests() : answered(job, setbacks, progress);
          if (ended(job)) {
            waiting.remove(id);
          }
        }
        progress.show(done, total);
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
    return waiting.isEmpty() || worker.isAlive();
  }

  /** Prints the outcome of the jobs; true if all succeeded. */
  boolean tell(List<String> ids, Instant start, boolean failOnErrors) {
    return ids.stream()
        .distinct()
        .map(id -> tell(jobs.job(id).orElseThrow(), start, failOnErrors))
        .reduce(true, Boolean::logicalAnd);
  }

  private boolean duplicatesEnded() {
    return duplicates.stream().allMatch(id -> ended(jobs.job(id).orElseThrow()));
  }

  private static boolean ended(Job job) {
    return job.status().finished() || isHeld(job);
  }

  /** A parked job stays parked while the command waits. */
  private static boolean isHeld(Job job) {
    return job.schedule().parkedAt() != null;
  }

  /** An invalid key stays invalid while the command waits. */
  private boolean allRefused(Collection<String> ids) {
    return ids.stream()
        .map(id -> jobs.job(id).orElseThrow())
        .allMatch(job -> worker.refusal(job.provider()).isPresent());
  }

  /**
   * Counts answered requests; those sent again in a further part are unanswered, though their first
   * part has ended.
   */
  private long answered(Job job, Map<String, String> told, JobProgress progress) {
    long answered = 0;
    for (Part part : jobs.parts(job.id())) {
      answered +=
          part.status().terminal()
              ? part.size().requests()
              : part.submission().completed() + part.submission().failed();
      answered -= part.isFurther() ? part.size().requests() : 0;
      String setback = part.schedule().setback();
      if (setback != null && !setback.equals(told.put(part.id(), setback))) {
        progress.say(job.label() + ": " + setback);
      }
    }
    return answered;
  }

  private boolean tell(Job job, Instant start, boolean failOnErrors) {
    Map<String, String> paths = deliveries.of(job.id());
    if (isHeld(job)) {
      out.printf(
          "%s: %s%n  \"caravan retry %s\" resumes it, \"caravan cancel %s\" cancels it.%n",
          job.label(), job.schedule().setback(), job.id(), job.id());
      out.flush();
      return false;
    }
    if (!job.status().finished()) {
      out.printf(
          "%s: provider %s refuses all requests: %s%n  Nothing is lost: correct this and run the file"
              + " again to resume job %s.%n",
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
          job.label(),
          job.counts().requests(),
          job.counts().results(),
          job.counts().errors(),
          job.id(),
          time(job, start));
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
    boolean refused = job.refused() || jobs.parts(job.id()).stream().anyMatch(Part::refused);
    out.flush();
    boolean nothing = job.counts().requests() > 0 && job.counts().results() == 0;
    return !refused && !nothing && !(failOnErrors && job.counts().errors() > 0);
  }

  /** The most frequent error, if the errors file is in a local folder. */
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
      return Optional.empty(); // another format, written by a user's pipeline
    }
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(most -> "  most frequent error: %d x %s".formatted(most.getValue(), most.getKey()));
  }

  /** The code and message of an error line, without its file name and line number. */
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
      return "finished at " + finished + ", nothing was sent again; --again sends and pays again";
    }
    Duration took = Duration.between(job.acceptedAt(), finished);
    return "%.1f s".formatted(took.toMillis() / 1000.0);
  }
}
