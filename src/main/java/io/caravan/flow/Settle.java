package io.caravan.flow;

import io.caravan.batch.BatchError;
import io.caravan.batch.BatchStatus;
import io.caravan.batch.BatchStore;
import io.caravan.batch.Job;
import io.caravan.batch.JobStatus;
import io.caravan.batch.Part;
import io.caravan.batch.PartStatus;
import io.caravan.batch.Workspace;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.Settled;
import io.caravan.jsonl.Settlement;
import io.caravan.provider.OpenAiDialect;
import io.caravan.report.Notes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        new Settlement(folder, job.name(), answers(parts), new Reasons(parts)::of)
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

  private List<Path> answers(List<Part> parts) {
    return parts.stream()
        .flatMap(part -> Stream.of(workspace.output(part), workspace.error(part)))
        .filter(Files::exists)
        .toList();
  }

  /**
   * Why requests of a part have no answer: the provider's word for the line, else for the batch.
   */
  private static final class Reasons {
    private final Map<Integer, Reason> ofPart = new HashMap<>();
    private final Map<Integer, Map<Long, Reason>> ofLine = new HashMap<>();

    Reasons(List<Part> parts) {
      for (Part part : parts) {
        List<BatchError> errors = OpenAiDialect.readErrors(part.batchErrors());
        ofPart.put(part.number(), ofPart(part, errors));
        for (BatchError error : errors) {
          if (error.line() != null) {
            ofLine
                .computeIfAbsent(part.number(), number -> new HashMap<>())
                .putIfAbsent(error.line(), new Reason(code(error), error.message()));
          }
        }
      }
    }

    Reason of(int part, int line) {
      Map<Long, Reason> lines = ofLine.getOrDefault(part, Map.of());
      Reason own = lines.get((long) line);
      return own != null ? own : ofPart.getOrDefault(part, STRICT);
    }

    private static Reason ofPart(Part part, List<BatchError> errors) {
      if (part.status() == PartStatus.REFUSED || part.batchStatus() == BatchStatus.FAILED) {
        return errors.isEmpty()
            ? new Reason("batch_failed", "the provider failed the batch and gave no reason.")
            : failed(errors.getFirst());
      }
      if (part.batchStatus() == BatchStatus.EXPIRED) {
        return new Reason(
            "batch_expired", "the batch expired before this request was run. Send it again.");
      }
      if (part.batchStatus() == BatchStatus.CANCELLED) {
        return new Reason(
            "batch_cancelled", "the batch was cancelled before this request was run.");
      }
      return Reason.NOT_ANSWERED;
    }

    private static Reason failed(BatchError first) {
      String where = first.line() == null ? "" : " because of another request";
      return new Reason(
          first.line() == null ? code(first) : "batch_failed",
          "the provider refused the batch%s: %s".formatted(where, first.message()));
    }

    private static String code(BatchError error) {
      return error.code() == null ? "batch_failed" : error.code();
    }
  }
}
