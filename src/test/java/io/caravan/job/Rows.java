package io.caravan.job;

import io.caravan.jsonl.split.PartFile;
import io.caravan.jsonl.tokens.Tokens;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/** Creates jobs and parts for tests, with simple default values. */
public final class Rows {
  public static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private Rows() {}

  /** A job accepted at noon, with an identity derived from its id. */
  public static Job job(String id) {
    String name = id + ".jsonl";
    return Job.accepted(
            id,
            "default",
            "local",
            new JobFile("/inbox/" + name, name, "", "arrival of " + id, 0),
            NOON)
        .withIdentity("default|content of " + id);
  }

  /** A planned part, due at noon. */
  public static Part part(Job job, int number) {
    return Part.planned(
        job,
        new PartFile(
            number,
            Path.of("part-%d.jsonl".formatted(number)),
            "/v1/chat/completions",
            "gpt-4o-mini",
            1,
            100,
            new Tokens(20, 3)),
        NOON);
  }

  /** Stores a job in progress whose parts have the given statuses. */
  public static List<Part> inProgress(Store store, String id, PartStatus... statuses) {
    Job job = store.jobs().accept(job(id), false).job();
    List<Part> parts =
        IntStream.range(0, statuses.length)
            .mapToObj(i -> part(job, i + 1).withStatus(statuses[i]))
            .toList();
    store.jobs().plan(job, parts, b -> b.status(JobStatus.IN_PROGRESS));
    return parts;
  }
}
