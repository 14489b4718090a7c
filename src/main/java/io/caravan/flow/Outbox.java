package io.caravan.flow;

import io.caravan.batch.BatchStore;
import io.caravan.batch.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.Header;
import org.springframework.stereotype.Component;

/**
 * Names files in outbound folders: never over one that is there, and the same again after a crash.
 */
@Component("outbox")
public class Outbox {
  private final BatchStore store;

  Outbox(BatchStore store) {
    this.store = store;
  }

  /** The name as it would be; with the job's id before the suffix when it is taken. */
  public String freeName(
      String directory,
      @Header(Delivery.FILE_NAME) String name,
      @Header(Delivery.JOB) String jobId,
      @Header(Delivery.KIND) String kind)
      throws IOException {
    Path folder = Files.createDirectories(Path.of(directory)).normalize();
    Map<String, String> mine = store.deliveries(jobId);
    String chosen = mine.get(kind);
    if (chosen != null && Path.of(chosen).startsWith(folder)) {
      return folder.relativize(Path.of(chosen)).toString(); // before a crash
    }
    boolean distinguished = mine.values().stream().anyMatch(p -> p.contains("." + jobId + "."));
    return !distinguished && takeStem(name, jobId, kind) && take(folder, name, jobId, kind)
        ? name
        : taken(folder, name, jobId, kind);
  }

  /** Outputs of two jobs side by side under one name would read as those of one. */
  private boolean takeStem(String name, String jobId, String kind) {
    String pipeline = store.job(jobId).map(Job::pipeline).orElse("");
    String stem = pipeline + ":" + name.substring(0, suffix(name, kind));
    return store.reserve(stem, jobId, "name")
        || (!isInUse(stem) && store.forfeit(stem) && store.reserve(stem, jobId, "name"));
  }

  private boolean isInUse(String stem) {
    return store.reservedWith(stem).stream()
        .filter(path -> !path.equals(stem))
        .anyMatch(path -> Files.exists(Path.of(path)));
  }

  private boolean take(Path folder, String name, String jobId, String kind) {
    Path file = inside(folder, name);
    if (Files.exists(file)) {
      return false;
    }
    return store.reserve(file.toString(), jobId, kind)
        || (store.forfeit(file.toString()) && store.reserve(file.toString(), jobId, kind));
  }

  private String taken(Path folder, String name, String jobId, String kind) {
    String other = withId(name, jobId, kind);
    store.reserve(inside(folder, other).toString(), jobId, kind);
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

  private static Path inside(Path folder, String name) {
    Path file = folder.resolve(name).normalize();
    if (!file.startsWith(folder)) {
      throw new IllegalArgumentException("a name that leads out of the outbox: " + name);
    }
    return file;
  }
}
