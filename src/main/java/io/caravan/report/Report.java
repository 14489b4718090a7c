package io.caravan.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.job.CutShort;
import io.caravan.job.Job;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.Way;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The JSON report of a job: counts that add up, batches, times, tokens and problems. */
public final class Report {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int PROBLEMS = 100;
  private static final int LONGEST_LINE = 1 << 20;
  private static final String ERRORS = "errors.jsonl";

  /** The names of the files that a report is created from; any of them may be missing. */
  public static final List<String> FILES =
      Stream.concat(Notes.FILES.stream(), Stream.of(ERRORS)).toList();

  private Report() {}

  /**
   * Creates the report of a job whose results and errors are delivered; {@code folder} contains its
   * {@link #FILES}.
   */
  public static byte[] write(Job job, List<Part> parts, Path folder) throws IOException {
    ObjectNode report = JSON.createObjectNode();
    report.put("job", job.id());
    report.put("pipeline", job.pipeline());
    report.put("provider", job.provider());
    report.put("source", job.file().source());
    report.put("name", job.file().name());
    report.put("sha256", job.file().sha256().isEmpty() ? null : job.file().sha256());
    report.put("bytes", job.file().bytes());
    report.put("outcome", job.refused() ? "refused" : "delivered");
    report.put("accepted_at", text(job.acceptedAt()));
    report.put("finished_at", text(job.finishedAt()));
    timing(report, job);
    report
        .putObject("requests")
        .put("total", job.counts().requests())
        .put("results", job.counts().results())
        .put("errors", job.counts().errors());
    report
        .putObject("usage")
        .put("input_tokens", job.counts().inputTokens())
        .put("output_tokens", job.counts().outputTokens())
        .put("total_tokens", job.counts().inputTokens() + job.counts().outputTokens());
    Long cost = job.estimatedCost();
    report.put("estimated_cost_usd", cost == null ? null : (Double) (cost / 1e6));
    report.put("attempts", parts.stream().mapToInt(Part::attempt).max().orElse(0));
    report.put("retry_of", job.retryOf());
    ways(report, parts);
    ArrayNode batches = report.putArray("parts");
    parts.forEach(part -> batches.add(part(part)));
    ArrayNode notes = report.putArray("notes");
    Notes.read(folder).forEach(notes::add);
    problems(report.putArray("problems"), job, folder.resolve(ERRORS));
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(report);
  }

  private static void timing(ObjectNode report, Job job) {
    Instant deadline = job.timing().deadlineAt();
    Instant finished = job.finishedAt();
    report.put("send_at", text(job.timing().sendAt()));
    report.put("priority", job.timing().priority());
    report.put("deadline_at", text(deadline));
    report.put(
        "late",
        (deadline == null || finished == null) ? null : (Boolean) finished.isAfter(deadline));
  }

  /** How many requests were answered in which way, and what those sent one by one cost. */
  private static void ways(ObjectNode report, List<Part> parts) {
    if (parts.stream().noneMatch(Part::isSynchronous)) {
      return;
    }
    ObjectNode answered = report.putObject("answered");
    for (Way way : Way.values()) {
      long requests =
          parts.stream()
              .filter(part -> part.calls().way() == way)
              .mapToLong(part -> part.submission().completed())
              .sum();
      if (requests > 0) {
        answered.put(way.word(), requests);
      }
    }
    List<Part> calls = parts.stream().filter(Part::isSynchronous).toList();
    ObjectNode fallback = report.putObject("fallback");
    fallback.put("requests", fellBack(calls));
    ArrayNode reasons = fallback.putArray("reasons");
    parts.stream()
        .map(part -> part.calls().cutShort())
        .filter(Objects::nonNull)
        .map(CutShort::word)
        .distinct()
        .forEach(reasons::add);
    fallback.put("cost_usd", calls.stream().mapToLong(Report::cost).sum() / 1e6);
    fallback.put(
        "calls_repeated", calls.stream().mapToLong(part -> part.calls().callsRepeated()).sum());
  }

  /** Requests that were sent one by one; those of a later tier were in an earlier one before. */
  private static long fellBack(List<Part> calls) {
    Set<String> names = calls.stream().map(Part::name).collect(Collectors.toSet());
    return calls.stream()
        .filter(part -> names.stream().noneMatch(name -> part.name().startsWith(name + ".")))
        .mapToLong(part -> part.size().requests())
        .sum();
  }

  private static long cost(Part part) {
    return Objects.requireNonNullElse(part.calls().callCost(), 0L);
  }

  /** Creates the single error line of a file that was refused as a whole. */
  public static byte[] refusal(Job job) {
    ObjectNode line = JSON.createObjectNode();
    line.putNull("id").putNull("custom_id").putNull("response");
    line.putObject("error")
        .put("code", "file_refused")
        .put("message", job.refusal())
        .putNull("line");
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static ObjectNode part(Part part) {
    ObjectNode node = JSON.createObjectNode();
    node.put("name", part.name());
    node.put("attempt", part.attempt());
    node.put("way", part.calls().way().word());
    node.put("cut_short", part.calls().cutShort() == null ? null : part.calls().cutShort().word());
    if (part.isSynchronous()) {
      node.put("cost_usd", cost(part) / 1e6);
      node.put("calls_repeated", part.calls().callsRepeated());
    }
    node.put("batch", part.submission().batchId());
    node.put("endpoint", part.endpoint());
    node.put("model", part.model());
    node.put("status", part.refused() ? PartStatus.REFUSED.word() : part.status().word());
    node.put(
        "batch_status",
        part.submission().batchStatus() == null ? null : part.submission().batchStatus().word());
    node.put("requests", part.size().requests());
    node.put("completed", part.submission().completed());
    node.put("failed", part.submission().failed());
    node.put("uploads", part.submission().uploads());
    node.put("turned_away", part.submission().turnedAway());
    node.put("input_file", part.submission().inputFileId());
    node.put("output_file", part.submission().outputFileId());
    node.put("error_file", part.submission().errorFileId());
    node.put("submitted_at", text(part.submission().submittedAt()));
    node.put("ended_at", text(part.submission().endedAt()));
    return node;
  }

  /** Adds the first problems; the errors file has all of them. */
  private static void problems(ArrayNode problems, Job job, Path errors) throws IOException {
    if (job.refusal() != null) {
      problems.addObject().put("code", "file_refused").put("message", job.refusal());
    }
    if (!Files.exists(errors)) {
      return;
    }
    try (var lines =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(errors), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      for (int i = 0; i < PROBLEMS && line != null && line.length() < LONGEST_LINE; i++) {
        problems.add(problem(line));
        line = lines.readLine();
      }
    }
  }

  private static ObjectNode problem(String line) {
    JsonNode read;
    try {
      read = JSON.readTree(line);
    } catch (JacksonException e) {
      read = JSON.missingNode();
    }
    JsonNode error = read.path("error");
    if (!error.isObject()) {
      error = read.path("response").path("body").path("error");
    }
    ObjectNode problem = JSON.createObjectNode();
    problem.set("custom_id", read.get("custom_id"));
    problem.set("line", error.get("line"));
    problem.set("code", error.get("code"));
    problem.set("message", error.get("message"));
    return problem;
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
