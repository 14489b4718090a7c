package io.caravan.flow.live;

import io.caravan.disk.PrivateFolder;
import io.caravan.route.yaml.RouteFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;

/**
 * Copies of the route files as they last ran, so that a broken or deleted file does not stop the
 * delivery of its jobs after a restart either.
 */
record LastGood(Path folder) {
  void save(RouteFile file) throws IOException {
    Path path = folder.resolve(file.name());
    if (text(file.name()).filter(file.text()::equals).isPresent()) {
      return;
    }
    PrivateFolder.create(folder);
    Files.createDirectories(path.getParent());
    Path draft = folder.resolve(file.name() + ".new");
    Files.writeString(draft, file.text());
    Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  Optional<String> text(String file) throws IOException {
    Path path = folder.resolve(file);
    return Files.exists(path)
        ? Optional.of(Files.readString(path, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  Map<String, String> all() throws IOException {
    return Files.isDirectory(folder) ? RouteFile.read(folder) : Map.of();
  }

  void forget(String file) throws IOException {
    Files.deleteIfExists(folder.resolve(file));
  }
}
