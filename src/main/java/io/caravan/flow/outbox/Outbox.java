package io.caravan.flow.outbox;

import io.caravan.disk.DiskReserve;
import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.FileNames;
import io.caravan.job.Deliveries;
import io.caravan.job.Job;
import io.caravan.job.JobStore;
import io.caravan.s3.FoundObject;
import io.caravan.s3.S3Objects;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Chooses names for files in outbound folders and objects in buckets: never an existing one, and
 * the same name again after a crash.
 */
@Component("outbox")
public class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  /** Prefix of the routes' {@code tempFileName}; the job's id follows. */
  private static final String UNFINISHED = ".writing-";

  private final JobStore store;
  private final Deliveries deliveries;
  private final ObjectProvider<S3Objects> s3;

  Outbox(JobStore store, Deliveries deliveries, ObjectProvider<S3Objects> s3) {
    this.store = store;
    this.deliveries = deliveries;
    this.s3 = s3;
  }

  /**
   * Returns the name, with the job's id before the suffix if it is taken. Fails if the disk has no
   * space for the file. If the delivery fails, its temporary file is deleted: it is not retried if
   * another replica has taken over.
   */
  public String freeName(
      String directory,
      @Header(CaravanHeaders.FILE_NAME) String name,
      @Header(CaravanHeaders.JOB) String jobId,
      @Header(CaravanHeaders.KIND) String kind,
      @Header(CaravanHeaders.LENGTH) @Nullable Long length,
      Exchange exchange)
      throws IOException {
    Path folder = Files.createDirectories(Path.of(directory)).normalize();
    DiskReserve.require(
        folder.resolve(name), length == null ? 0 : length, DiskReserve.Use.WORK_IN_HAND);
    Place place = new Folder(folder);
    Map<String, String> mine = deliveries.of(jobId);
    Optional<String> chosen = chosen(place, mine, kind);
    if (chosen.isPresent()) {
      clearUnfinished(folder, chosen.get(), jobId + "-");
    }
    String free = chosen.orElseGet(() -> newName(place, name, jobId, kind, mine));
    String delivery = jobId + "-" + exchange.getExchangeId();
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onFailure(Exchange failed) {
                clearAfterFailure(folder, free, delivery);
              }
            });
    return free;
  }

  private static void clearAfterFailure(Path folder, String name, String delivery) {
    try {
      clearUnfinished(folder, name, delivery);
    } catch (IOException e) {
      LOG.debug("temporary file of {} not deleted", name, e); // the next delivery deletes it
    }
  }

  /**
   * Deletes temporary files of failed or killed deliveries of a job beside an output. Each delivery
   * uses its own temporary file, since a replica that lost its lease may still be writing.
   */
  private static void clearUnfinished(Path outbox, String name, String prefix) throws IOException {
    Path folder = Objects.requireNonNull(outbox.resolve(name).getParent());
    if (!Files.isDirectory(folder)) {
      return;
    }
    String unfinished = UNFINISHED + prefix;
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(
            folder, it -> it.getFileName().toString().startsWith(unfinished))) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Returns the key, with the job's id before the suffix if it is taken. */
  String freeKey(String bucket, String prefix, String name, String jobId, String kind) {
    String fitting = FileNames.shorten(name, FileNames.roomBelow(prefix) - jobId.length() - 1);
    Place place = new Prefix(FoundObject.SCHEME + bucket + "/" + prefix);
    Map<String, String> mine = deliveries.of(jobId);
    return prefix
        + chosen(place, mine, kind).orElseGet(() -> newName(place, fitting, jobId, kind, mine));
  }

  /** A destination of outputs. */
  private sealed interface Place {
    String path(String name);

    /** The name within this place; empty if the path is outside. */
    Optional<String> name(String path);
  }

  private record Folder(Path folder) implements Place {
    @Override
    public String path(String name) {
      Path file = folder.resolve(name).normalize();
      if (!file.startsWith(folder)) {
        throw new IllegalArgumentException("the name leads out of the outbox: " + name);
      }
      return file.toString();
    }

    @Override
    public Optional<String> name(String path) {
      return Optional.of(Path.of(path))
          .filter(file -> file.startsWith(folder))
          .map(file -> folder.relativize(file).toString());
    }
  }

  private record Prefix(String uri) implements Place {
    @Override
    public String path(String name) {
      return uri + name;
    }

    @Override
    public Optional<String> name(String path) {
      return path.startsWith(uri) ? Optional.of(path.substring(uri.length())) : Optional.empty();
    }
  }

  /** The name reserved by an earlier delivery of the job that failed or was killed. */
  private static Optional<String> chosen(Place place, Map<String, String> mine, String kind) {
    return Optional.ofNullable(mine.get(kind)).flatMap(place::name);
  }

  private String newName(
      Place place, String name, String jobId, String kind, Map<String, String> mine) {
    boolean distinguished = mine.values().stream().anyMatch(p -> p.contains("." + jobId + "."));
    return !distinguished && takeStem(name, jobId, kind) && take(place.path(name), jobId, kind)
        ? name
        : taken(place, name, jobId, kind);
  }

  /** Reserves the stem, so that outputs of two jobs do not look like those of one. */
  private boolean takeStem(String name, String jobId, String kind) {
    String pipeline = store.job(jobId).map(Job::pipeline).orElse("");
    String stem = pipeline + ":" + name.substring(0, suffix(name, kind));
    return deliveries.reserve(stem, jobId, "name")
        || (!isInUse(stem) && deliveries.forfeit(stem) && deliveries.reserve(stem, jobId, "name"));
  }

  private boolean isInUse(String stem) {
    return deliveries.reservedWith(stem).stream()
        .filter(path -> !path.equals(stem))
        .anyMatch(this::exists);
  }

  private boolean take(String path, String jobId, String kind) {
    return !exists(path)
        && (deliveries.reserve(path, jobId, kind)
            || (deliveries.forfeit(path) && deliveries.reserve(path, jobId, kind)));
  }

  private boolean exists(String path) {
    if (!path.startsWith(FoundObject.SCHEME)) {
      return Files.exists(Path.of(path));
    }
    String[] address = path.substring(FoundObject.SCHEME.length()).split("/", 2);
    return s3.getObject().find(address[0], address[1]).isPresent();
  }

  private String taken(Place place, String name, String jobId, String kind) {
    String other = withId(name, jobId, kind);
    deliveries.reserve(place.path(other), jobId, kind);
    return other;
  }

  /** {@code x.results.jsonl} becomes {@code x.<job>.results.jsonl}. */
  private static String withId(String name, String jobId, String kind) {
    int suffix = suffix(name, kind);
    return name.substring(0, suffix) + "." + jobId + name.substring(suffix);
  }

  private static int suffix(String name, String kind) {
    int suffix = name.lastIndexOf("." + kind);
    return suffix < 0 ? name.length() : suffix;
  }
}
