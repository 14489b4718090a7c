package io.caravan.flow.step;

import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.RemoteFile;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.workspace.DataFolder;
import io.caravan.workspace.Workspace;
import jakarta.annotation.PostConstruct;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.camel.ExchangeProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** Deletes the files of delivered jobs, in the workspace and at their provider. */
@Component("release")
@DependsOn("storeId") // checks first that the store belongs to the data folder
public class Release {
  private static final Logger LOG = LoggerFactory.getLogger(Release.class);

  private final JobStore store;
  private final DataFolder data;
  private final Workspace workspace;
  private final boolean deleteProviderFiles;

  Release(JobStore store, DataFolder data, Workspace workspace, FlowProperties.General settings) {
    this.store = store;
    this.data = data;
    this.workspace = workspace;
    this.deleteProviderFiles = settings.deleteProviderFiles();
  }

  /** The parts whose provider files are deleted: all if so configured, else none. */
  public List<Part> partsToRelease(@ExchangeProperty(ExchangeProperties.JOB) Job job) {
    return deleteProviderFiles
        ? store.parts(job.id()).stream().map(part -> part.withOwner(job.owner())).toList()
        : List.of(); // a settled part may still name a killed replica as its owner
  }

  /** The files of a part at its provider. */
  public List<RemoteFile> filesToRelease(@ExchangeProperty(ExchangeProperties.PART) Part part) {
    return Stream.of(
            part.submission().inputFileId(),
            part.submission().outputFileId(),
            part.submission().errorFileId())
        .filter(Objects::nonNull)
        .map(id -> new RemoteFile(id, Path.of(part.name())))
        .toList();
  }

  /** Deletes the job's files; its row stays. */
  public void released(@ExchangeProperty(ExchangeProperties.JOB) Job job) throws IOException {
    workspace.drop(job.id());
    store.update(job, b -> b.status(JobStatus.RELEASED).schedule(job.schedule().worked()));
  }

  /** Moves orphans away before any route runs, if no other replica shares the data. */
  @PostConstruct
  void dropOrphansOfOurs() throws IOException {
    if (data.isOursAlone()) {
      for (String id : workspace.leftAtStart()) {
        if (isLeftOver(id)) {
          drop(id);
        }
      }
    }
  }

  /**
   * Moves orphans away: a crash between storing the file and its row leaves files without a job,
   * and a frozen replica may write after its job has ended.
   */
  public void dropOrphans() throws IOException {
    workspace.sweep();
    for (String id : workspace.jobIds()) {
      if (isLeftOver(id) && workspace.isAbandoned(id)) {
        drop(id);
      }
    }
  }

  private boolean isLeftOver(String id) {
    return store.job(id).filter(job -> job.status() != JobStatus.RELEASED).isEmpty();
  }

  private void drop(String id) throws IOException {
    workspace.lose(id);
    LOG.info("workspace={} moved away: it belongs to no job", id);
  }
}
