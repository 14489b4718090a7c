package io.caravan.flow.step;

import io.caravan.disk.DiskReserve;
import io.caravan.job.Job;
import io.caravan.job.JobCounts;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.settle.AnswerFile;
import io.caravan.jsonl.settle.Settled;
import io.caravan.jsonl.settle.Settlement;
import io.caravan.report.Notes;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.JobPaths;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Writes each request of a job to the results or the errors. */
@Component("settle")
public class Settle {
  private static final Logger LOG = LoggerFactory.getLogger(Settle.class);
  private static final Reason STRICT =
      new Reason(
          "file_refused",
          "nothing in this file was sent because the pipeline is strict and other lines are bad."
              + " Fix them and drop the file again.");

  private final JobStore store;
  private final Workspace workspace;
  private final FlowMetrics metrics;

  Settle(JobStore store, Workspace workspace, FlowMetrics metrics) {
    this.store = store;
    this.workspace = workspace;
    this.metrics = metrics;
  }

  /** Writes both files into the workspace, then the counts into the row. */
  public void settle(@Body Job job) throws IOException {
    List<Part> parts = store.parts(job.id());
    Settled settled = settle(job, parts);
    settled.notes().forEach(note -> LOG.warn("job={} {}", job.id(), note));
    Job row =
        store.update(
            job,
            b ->
                b.status(JobStatus.SETTLED)
                    .counts(
                        new JobCounts(
                            job.counts().requests(),
                            settled.results(),
                            settled.errors(),
                            settled.usage().inputTokens(),
                            settled.usage().outputTokens()))
                    .schedule(job.schedule().worked()));
    metrics.settled(row);
  }

  private Settled settle(Job job, List<Part> parts) throws IOException {
    try (JobFiles files = workspace.open(job)) {
      JobPaths paths = files.toWrite();
      List<AnswerFile> answers = answers(files, parts);
      requireRoom(answers, paths);
      Settled settled =
          new Settlement(
                  files.split(),
                  job.file().name(),
                  answers,
                  parts.isEmpty() ? STRICT : Reason.NOT_ANSWERED)
              .settle(paths.results(), paths.errors());
      files.keep(paths.results(), paths.errors());
      files.keep(Notes.write(paths.folder(), "settlement", List.of(), settled.notes()));
      return settled;
    }
  }

  /** Results and errors together are about as large as all answers. */
  private static void requireRoom(List<AnswerFile> answers, JobPaths paths) throws IOException {
    long bytes = 0;
    for (AnswerFile file : answers) {
      bytes += Files.size(file.path());
    }
    DiskReserve.require(paths.results(), bytes, DiskReserve.Use.WORK_IN_HAND);
  }

  private static List<AnswerFile> answers(JobFiles files, List<Part> parts) throws IOException {
    var answers = new ArrayList<AnswerFile>();
    boolean several = parts.stream().anyMatch(Part::isSynchronous);
    for (Part part : parts) {
      String way = // synchronous answers name theirs
          several && !part.isSynchronous() ? part.calls().way().word() : null;
      answers.add(new AnswerFile(files.output(part), part.attempt(), way, false));
      answers.add(new AnswerFile(files.error(part), part.attempt(), way, false));
      answers.add(new AnswerFile(files.reasons(part), part.attempt(), null, true));
    }
    return answers.stream().filter(file -> Files.exists(file.path())).toList();
  }
}
