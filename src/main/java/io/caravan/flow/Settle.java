package io.caravan.flow;

import io.caravan.batch.BatchStore;
import io.caravan.batch.Job;
import io.caravan.batch.JobStatus;
import io.caravan.batch.Part;
import io.caravan.batch.Workspace;
import io.caravan.jsonl.AnswerFile;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.Settled;
import io.caravan.jsonl.Settlement;
import io.caravan.report.Notes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Gives every request of a job its line in the results or in the errors. */
@Component("settle")
public class Settle {
  private static final Logger LOG = LoggerFactory.getLogger(Settle.class);
  private static final Reason STRICT =
      new Reason(
          "file_refused",
          "nothing of this file was sent, since the pipeline is strict and other lines are bad."
              + " Mend them and drop the file again.");

  private final BatchStore store;
  private final Workspace workspace;
  private final FlowMetrics metrics;

  Settle(BatchStore store, Workspace workspace, FlowMetrics metrics) {
    this.store = store;
    this.workspace = workspace;
    this.metrics = metrics;
  }

  /** Writes both files into the workspace, then the counts into the row. */
  public void settle(@Body Job job) throws IOException {
    List<Part> parts = store.parts(job.id());
    Path folder = workspace.folder(job.id());
    Settled settled =
        new Settlement(
                folder, job.name(), answers(parts), parts.isEmpty() ? STRICT : Reason.NOT_ANSWERED)
            .settle(workspace.results(job.id()), workspace.errors(job.id()));
    Notes.write(folder, "settlement", List.of(), settled.notes());
    settled.notes().forEach(note -> LOG.warn("job={} {}", job.id(), note));
    Job row =
        store.update(
            job,
            b ->
                b.status(JobStatus.SETTLED)
                    .results(settled.results())
                    .errors(settled.errors())
                    .inputTokens(settled.usage().inputTokens())
                    .outputTokens(settled.usage().outputTokens())
                    .tries(0)
                    .setback(null));
    metrics.settled(row);
  }

  private List<AnswerFile> answers(List<Part> parts) {
    return parts.stream()
        .flatMap(part -> Stream.of(workspace.output(part), workspace.error(part)))
        .filter(Files::exists)
        .map(path -> new AnswerFile(path, 1, false))
        .toList();
  }
}
