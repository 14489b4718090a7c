package io.caravan.cli;

import io.caravan.job.source.Untaken;
import io.caravan.operator.JobView;
import io.caravan.operator.JobView.PartView;
import io.caravan.operator.Overview;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Formats jobs as text for the terminal. */
final class StatusText {
  private static final int LONGEST_NAME = 40;
  private static final int UNTAKEN = 20;

  private StatusText() {}

  /**
   * Formats a summary line, a table of the latest jobs with what each waits for, and the files that
   * are not accepted.
   */
  static String of(Overview overview, Instant now) {
    var lines = new ArrayList<String>();
    lines.add(headline(overview));
    if (overview.counts().isEmpty()) {
      lines.add(
          "There are no jobs. Drop a JSONL file into the inbox, or use \"caravan run FILE\".");
    } else {
      lines.addAll(jobs(overview, now));
    }
    if (overview.schedulerStoppedAt() != null) {
      lines.add("");
      lines.add(
          "The scheduler is stopped since %s: \"caravan scheduler start\" starts it."
              .formatted(overview.schedulerStoppedAt()));
    }
    lines.addAll(notTaken(overview.notTaken()));
    return String.join(System.lineSeparator(), lines);
  }

  private static List<String> notTaken(List<Untaken> files) {
    var lines = new ArrayList<String>();
    if (!files.isEmpty()) {
      lines.add("");
      lines.add("NOT TAKEN");
      files.stream()
          .limit(UNTAKEN)
          .map(file -> file.source().replaceAll("\\p{Cntrl}", "?") + " " + file.reason())
          .forEach(lines::add);
      if (files.size() > UNTAKEN) {
        lines.add("and more; --json shows up to 100");
      }
    }
    return lines;
  }

  private static List<String> jobs(Overview overview, Instant now) {
    var lines = new ArrayList<String>();
    var rows = new ArrayList<List<String>>();
    rows.add(
        List.of(
            "JOB",
            "FILE",
            "PIPELINE",
            "PROVIDER",
            "STATUS",
            "REQUESTS",
            "RESULTS",
            "ERRORS",
            "AGE"));
    overview.jobs().forEach(job -> rows.add(row(job, now)));
    List<String> table = table(rows);
    lines.add("");
    lines.add(table.getFirst());
    for (int i = 0; i < overview.jobs().size(); i++) {
      lines.add(table.get(i + 1));
      lines.addAll(notes(overview.jobs().get(i)));
    }
    return lines;
  }

  private static String headline(Overview overview) {
    int alive = overview.replicas().size();
    String counts =
        overview.counts().isEmpty()
            ? "no jobs"
            : overview.counts().entrySet().stream()
                .map(count -> count.getValue() + " " + count.getKey())
                .collect(Collectors.joining(", "));
    return "%s; %s; %s parked, %s undelivered"
        .formatted(
            switch (alive) {
              case 0 -> "no Caravan is running";
              case 1 -> "1 Caravan is running";
              default -> alive + " Caravans are running";
            },
            counts,
            overview.parked().size(),
            overview.undelivered().size());
  }

  private static List<String> row(JobView job, Instant now) {
    return List.of(
        job.id(),
        shortened(job.name()),
        job.pipeline(),
        job.provider(),
        job.state(),
        "" + job.requests(),
        "" + job.results(),
        job.errors() == null ? "-" : "" + job.errors(),
        age(job.acceptedAt(), now));
  }

  private static List<String> notes(JobView job) {
    var notes = new ArrayList<String>();
    if (job.retryOf() != null) {
      notes.add("  retries the failed requests of job " + job.retryOf());
    }
    if (job.refusal() != null) {
      notes.add("  refused: " + job.refusal());
    }
    job.waitsFor().forEach(setback -> notes.add("  " + setback));
    if (job.atRisk()) {
      notes.add(
          "  may miss its deadline %s: answers are expected about %s"
              .formatted(job.deadlineAt(), job.expectedAt()));
    }
    if (job.parkedAt() != null) {
      notes.add(
          "  parked since %s: \"caravan retry %s\" resumes it, \"caravan cancel %s\" cancels it"
              .formatted(job.parkedAt(), job.id(), job.id()));
    }
    return notes;
  }

  /** Formats one job in detail. */
  static String of(JobView job, Instant now) {
    var lines = new ArrayList<String>();
    var facts = new ArrayList<List<String>>();
    facts.add(List.of("job", job.id()));
    facts.add(List.of("file", job.name() + " (" + job.source() + ")"));
    facts.add(List.of("pipeline", job.pipeline()));
    facts.add(List.of("provider", job.provider()));
    facts.add(
        List.of(
            "status",
            job.state().equals(job.status())
                ? job.status()
                : job.state() + " (" + job.status() + ")"));
    facts.add(
        List.of(
            "requests",
            "%d, %d results, %s errors"
                .formatted(
                    job.requests(), job.results(), job.errors() == null ? "-" : job.errors())));
    facts.add(List.of("accepted", job.acceptedAt() + ", " + age(job.acceptedAt(), now) + " ago"));
    add(facts, "send at", job.sendAt());
    add(facts, "deadline", job.deadlineAt());
    add(facts, "expected", job.expectedAt());
    facts.add(List.of("priority", "" + job.priority()));
    add(facts, "finished", job.finishedAt());
    add(facts, "cancelled", job.cancelledAt());
    add(facts, "parked", job.parkedAt());
    add(facts, "retry of", job.retryOf());
    add(facts, "refused", job.refusal());
    job.waitsFor().forEach(setback -> facts.add(List.of("waits for", setback)));
    for (Map.Entry<String, String> output : job.outputs().entrySet()) {
      facts.add(List.of(output.getKey(), output.getValue()));
    }
    lines.addAll(table(facts));
    if (!job.parts().isEmpty()) {
      var rows = new ArrayList<List<String>>();
      rows.add(List.of("PART", "STATUS", "BATCH", "REQUESTS", "COMPLETED", "FAILED", "ATTEMPT"));
      job.parts().forEach(part -> rows.add(row(part)));
      lines.add("");
      lines.addAll(table(rows));
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static void add(List<List<String>> facts, String name, @Nullable Object value) {
    if (value != null) {
      facts.add(List.of(name, value.toString()));
    }
  }

  private static List<String> row(PartView part) {
    String batch = part.batch() == null ? "-" : part.batch();
    return List.of(
        part.name(),
        part.parkedAt() == null ? part.status() : "parked (" + part.status() + ")",
        part.batchStatus() == null ? batch : batch + " (" + part.batchStatus() + ")",
        "" + part.requests(),
        "" + part.completed(),
        "" + part.failed(),
        "" + part.attempt());
  }

  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME
        ? name
        : "…" + name.substring(name.length() - LONGEST_NAME + 1);
  }

  /** Aligns the columns to their widest cells. */
  private static List<String> table(List<List<String>> rows) {
    int[] widths =
        IntStream.range(0, rows.getFirst().size())
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    return rows.stream()
        .map(row ->
            IntStream.range(0, row.size())
                .mapToObj(column ->
                    row.get(column) + " ".repeat(widths[column] - row.get(column).length()))
                .collect(Collectors.joining("  "))
                .stripTrailing())
        .toList();
  }

  static String age(Instant since, Instant now) {
    Duration age = Duration.between(since, now);
    if (age.toMinutes() < 1) {
      return Math.max(0, age.toSeconds()) + " s";
    }
    if (age.toHours() < 1) {
      return age.toMinutes() + " min";
    }
    return age.toDays() < 2 ? age.toHours() + " h" : age.toDays() + " d";
  }
}
