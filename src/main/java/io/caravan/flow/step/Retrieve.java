package io.caravan.flow.step;

import io.caravan.disk.DiskReserve;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.RemoteFile;
import io.caravan.flow.call.Calls;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.provider.Answer;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RetryableProviderException;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Downloads the files of an ended batch that are not in the workspace yet. */
@Component("retrieve")
public class Retrieve {
  private final JobStore store;
  private final Workspace workspace;
  private final Calls calls;
  private final AnswersGrace grace;

  public Retrieve(JobStore store, Workspace workspace, Calls calls, AnswersGrace grace) {
    this.store = store;
    this.workspace = workspace;
    this.calls = calls;
    this.grace = grace;
  }

  /** The output and error files of the batch that are not downloaded yet. */
  public List<RemoteFile> filesToRetrieve(@ExchangeProperty(ExchangeProperties.PART) Part part)
      throws IOException {
    var remote = new ArrayList<RemoteFile>();
    try (JobFiles files = workspace.open(part)) {
      add(remote, part.submission().outputFileId(), files.output(part));
      add(remote, part.submission().errorFileId(), files.error(part));
    }
    return remote;
  }

  /** Whether missing answers of an ended batch may still arrive. */
  public boolean mayStillCome(Part part) {
    return grace.mayStillCome(part);
  }

  /** The single file with all answers of a batch, unless it is downloaded already. */
  public List<RemoteFile> unlessHere(Part part, String id) throws IOException {
    var remote = new ArrayList<RemoteFile>();
    try (JobFiles files = workspace.open(part)) {
      add(remote, id, files.output(part));
    }
    return remote;
  }

  private static void add(List<RemoteFile> files, @Nullable String id, Path target) {
    if (id != null && !Files.exists(target)) { // it gets its name once complete
      files.add(new RemoteFile(id, target));
    }
  }

  /** Stores the downloaded file, or records that the provider no longer has it. */
  public void receive(Part part, RemoteFile file, Exchange exchange, Receiving receiving)
      throws IOException {
    Answer answer;
    try {
      answer = calls.answer(part.provider(), exchange);
    } catch (RejectedByProviderException e) {
      if (grace.mayStillCome(part)) {
        throw RetryableProviderException.inTime(e.getMessage());
      }
      gone(part, file, e.getMessage(), exchange);
      return;
    }
    try (JobFiles files = workspace.open(part);
        InputStream content = answer.body()) {
      files.toWrite();
      receiving.write(content, files);
      files.keep(file.target());
    }
  }

  /** Stores the downloaded results, translated into OpenAI's format. */
  public void translate(Part part, RemoteFile file, Exchange exchange, Translation translation)
      throws IOException {
    receive(
        part,
        file,
        exchange,
        (results, files) -> {
          Path requests = files.part(part);
          file.whole(unfinished -> {
            try (OutputStream out =
                new BufferedOutputStream(DiskReserve.newOutputStream(unfinished))) {
              translation.write(results, requests, out);
            }
          });
        });
  }

  /** Writes the downloaded content to the file's target. */
  @FunctionalInterface
  public interface Receiving {
    void write(InputStream content, JobFiles files) throws IOException;
  }

  /** Translates a provider's results into OpenAI's format, given the requests. */
  @FunctionalInterface
  public interface Translation {
    void write(InputStream results, Path requests, OutputStream out) throws IOException;
  }

  /**
   * Records that the provider no longer has a file. Its answers were paid for, so none of its
   * requests is resent automatically.
   */
  private void gone(Part part, RemoteFile file, @Nullable String said, Exchange exchange) {
    String lost = "the answer file %s cannot be downloaded: %s".formatted(file.id(), said);
    exchange.setProperty(
        ExchangeProperties.PART,
        store.update(part, b -> b.submission(SettleBatch.withAnswersLost(part, lost))));
  }

  /** Called when each file is downloaded or recorded as lost. */
  public void retrieved(@ExchangeProperty(ExchangeProperties.PART) Part part) {
    Part row = // a split returns no properties, and may have recorded that a file is lost
        store.held(part).orElse(part);
    store.update(row, b -> b.status(PartStatus.RETRIEVED).schedule(row.schedule().worked()));
  }
}
