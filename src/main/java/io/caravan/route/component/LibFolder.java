package io.caravan.route.component;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** The folder {@code lib/}, which the launcher adds to the class path. */
public final class LibFolder {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path folder;

  /** The jars that were fetched; other jars in the folder are the user's and stay as they are. */
  private final Path record;

  /** Uses a folder, which need not exist yet. */
  public LibFolder(Path folder) {
    this.folder = folder;
    record = folder.resolve("components.json");
  }

  /**
   * What {@code caravan add} installed under a name.
   *
   * @param library its coordinates, {@code group:artifact} or {@code group:artifact:version}
   * @param jars the files that no component before it in the record needs
   */
  public record Added(String name, String library, List<String> jars) {}

  /**
   * What was added.
   *
   * @param changed whether the folder differs from before
   */
  public record Outcome(List<Added> components, boolean changed) {}

  private record Content(List<Added> components) {}

  /** The components that were added; empty if there is no folder yet. */
  public List<Added> added() throws IOException {
    return Files.exists(record)
        ? JSON.readValue(record.toFile(), Content.class).components()
        : List.of();
  }

  /** The size of the files of a component. */
  public long bytes(Added component) throws IOException {
    long sum = 0;
    for (String jar : component.jars()) {
      sum += Files.size(folder.resolve(jar));
    }
    return sum;
  }

  /**
   * Adds components; fetches the earlier ones again, so that they share one version of a library.
   */
  public Outcome add(List<Added> wanted, Maven maven)
      throws IOException, InterruptedException, NotFetchedException {
    List<Added> earlier = added();
    List<Added> all = new ArrayList<>(wanted);
    earlier.stream()
        .filter(it -> wanted.stream().noneMatch(other -> isSame(it, other)))
        .forEach(all::add);
    Path work = Files.createTempDirectory("caravan-add");
    try {
      List<List<String>> jars = maven.fetch(all.stream().map(LibFolder::library).toList(), work);
      for (int i = 0; i < all.size(); i++) {
        all.set(i, new Added(all.get(i).name(), all.get(i).library(), jars.get(i)));
      }
      boolean changed = take(work.resolve("jars"));
      write(all);
      Set<String> kept = jars(all).collect(Collectors.toSet());
      for (String old : jars(earlier).filter(it -> !kept.contains(it)).toList()) {
        changed |= Files.deleteIfExists(folder.resolve(old));
      }
      return new Outcome(all.subList(0, wanted.size()), changed);
    } finally {
      FileSystemUtils.deleteRecursively(work);
    }
  }

  private static boolean isSame(Added one, Added other) {
    return library(one).isVersionOf(library(other));
  }

  private static Library library(Added added) {
    return Library.of(added.library()).orElseThrow();
  }

  private static Stream<String> jars(Collection<Added> components) {
    return components.stream().flatMap(it -> it.jars().stream());
  }

  /** Never writes into a jar, because a running Caravan may use it. */
  private boolean take(Path fetched) throws IOException {
    boolean changed = false;
    Files.createDirectories(folder);
    try (Stream<Path> jars = Files.list(fetched)) {
      for (Path jar : jars.toList()) {
        Path target = folder.resolve(jar.getFileName().toString());
        if (!Files.exists(target) || Files.mismatch(jar, target) >= 0) {
          Path partial = folder.resolve(jar.getFileName() + ".new");
          Files.copy(jar, partial, REPLACE_EXISTING);
          Files.move(partial, target, ATOMIC_MOVE);
          changed = true;
        }
      }
    }
    return changed;
  }

  private void write(List<Added> components) throws IOException {
    Path partial = folder.resolve(record.getFileName() + ".new");
    JSON.writeValue(partial.toFile(), new Content(components));
    Files.move(partial, record, ATOMIC_MOVE);
  }
}
