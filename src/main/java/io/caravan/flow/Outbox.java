package io.caravan.flow;

import io.caravan.batch.BatchStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
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
    return !isShared(jobId, mine.values()) && take(folder, name, jobId, kind)
        ? name
        : taken(folder, name, jobId, kind);
  }

  /** Outputs of two jobs side by side under one name would read as those of one. */
  private boolean isShared(String jobId, Collection<String> mine) {
    return mine.stream().anyMatch(path -> path.contains("." + jobId + "."))
        || store.deliveriesOfNamesakes(jobId).stream().map(Path::of).anyMatch(Files::exists);
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
    int suffix = name.lastIndexOf("." + kind);
    return suffix < 0
        ? name + "." + jobId
        : name.substring(0, suffix) + "." + jobId + name.substring(suffix);
  }

  private static Path inside(Path folder, String name) {
    Path file = folder.resolve(name).normalize();
    if (!file.startsWith(folder)) {
      throw new IllegalArgumentException("a name that leads out of the outbox: " + name);
    }
    return file;
  }
}
