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

  /** Another replica may be storing the bytes of a large file, a retry those of a small one. */
  private static final Duration IDLE = Duration.ofHours(1);

  private static final Duration IDLE_ALONE = Duration.ofSeconds(10);

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
    return deleteProviderFiles ? store.parts(job.id()) : List.of();
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

  /**
   * A crash between storing the bytes and writing the row leaves bytes of no job. No route runs yet
   * here, but another process may be storing bytes right now.
   */
  @PostConstruct
  void dropOrphans() throws IOException {
    for (String id : workspace.jobIds()) {
      if (store.job(id).isEmpty() && workspace.isIdle(id, data.isOursAlone() ? IDLE_ALONE : IDLE)) {
        workspace.drop(id);
        LOG.info("workspace={} dropped: it belongs to no job", id);
      }
    }
  }
}
