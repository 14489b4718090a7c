package io.caravan.flow;

import io.caravan.batch.BatchStore;
import io.caravan.batch.DataFolder;
import io.caravan.batch.Job;
import io.caravan.batch.JobStatus;
import io.caravan.batch.Part;
import io.caravan.batch.Workspace;
import jakarta.annotation.PostConstruct;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.camel.ExchangeProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Lets go of what delivered jobs hold. */
@Component("release")
public class Release {
  private static final Logger LOG = LoggerFactory.getLogger(Release.class);

  /** Another process may be storing the bytes of a large file. */
  private static final Duration IDLE = Duration.ofHours(1);

  private final BatchStore store;
  private final DataFolder data;
  private final Workspace workspace;
  private final boolean deleteProviderFiles;

  Release(BatchStore store, DataFolder data, Workspace workspace, FlowProperties.General settings) {
    this.store = store;
    this.data = data;
    this.workspace = workspace;
    this.deleteProviderFiles = settings.deleteProviderFiles();
  }

  /** The parts whose files are to be deleted at their provider: all, or none unless asked. */
  public List<Part> partsToRelease(@ExchangeProperty("job") Job job) {
    return deleteProviderFiles
        ? store.parts(job.id()).stream().map(part -> part.withOwner(job.owner())).toList()
        : List.of(); // a part that has ended may still name a replica that was killed
  }

  /** What a part has at its provider. */
  public List<RemoteFile> filesToRelease(@ExchangeProperty("part") Part part) {
    return Stream.of(part.inputFileId(), part.outputFileId(), part.errorFileId())
        .filter(Objects::nonNull)
        .map(id -> new RemoteFile(id, workspace.part(part)))
        .toList();
  }

  /** Forgets the job's bytes; its row stays. */
  public void released(@ExchangeProperty("job") Job job) throws IOException {
    workspace.drop(job.id());
    store.update(job, b -> b.status(JobStatus.RELEASED).tries(0).setback(null));
  }

  /** Before any route runs: what nobody but us could have begun is left over. */
  @PostConstruct
  void dropOrphansOfOurs() throws IOException {
    if (data.isOursAlone()) {
      dropOrphans(id -> !workspace.isByOperator(id));
    }
  }

  /** A crash between storing the bytes and writing the row leaves bytes of no job. */
  public void dropOrphans() throws IOException {
    dropOrphans(id -> workspace.isIdle(id, IDLE));
  }

  private void dropOrphans(Leftover leftover) throws IOException {
    for (String id : workspace.jobIds()) {
      if (store.job(id).isEmpty() && leftover.is(id)) {
        workspace.drop(id);
        LOG.info("workspace={} dropped: it belongs to no job", id);
      }
    }
  }

  private interface Leftover {
    boolean is(String id) throws IOException;
  }
}
