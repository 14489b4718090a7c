package io.caravan.flow.inbox;

import io.caravan.jsonl.convert.Format;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The files that any visible process holds open for writing, on Linux; always empty elsewhere. */
final class FilesInUse {
  private static final Path PROC = Path.of("/proc");
  private static final Duration FRESH = Duration.ofMillis(200);
  private static final int WRITING = 3; // O_WRONLY | O_RDWR

  private final Clock clock;
  private Set<Path> open = Set.of();
  private Instant seen = Instant.MIN;

  FilesInUse(Clock clock) {
    this.clock = clock;
  }

  /** Whether a process may still write to the file. */
  synchronized boolean isBeingWritten(Path file) throws IOException {
    Instant now = clock.instant();
    if (seen.plus(FRESH).isBefore(now) || now.isBefore(seen)) { // or the clock was set back
      open = look();
      seen = now;
    }
    return open.contains(file.toRealPath());
  }

  private static Set<Path> look() throws IOException {
    var found = new HashSet<Path>();
    if (!Files.isDirectory(PROC)) {
      return found;
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        look(process, found);
      }
    }
    return found;
  }

  private static void look(Path process, Set<Path> found) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        lookAt(process, descriptor).ifPresent(found::add);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // another user's process, or one that has just ended
    }
  }

  private static Optional<Path> lookAt(Path process, Path descriptor) {
    try {
      Path file = Files.readSymbolicLink(descriptor);
      return Format.isInput(file.toString()) && isForWriting(process, descriptor)
          ? Optional.of(file)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // just closed
    }
  }

  private static boolean isForWriting(Path process, Path descriptor) throws IOException {
    Path info = process.resolve("fdinfo").resolve(descriptor.getFileName());
    return Files.readAllLines(info).stream()
        .filter(line -> line.startsWith("flags:"))
        .map(line -> Long.parseLong(line.substring("flags:".length()).strip(), 8))
        .anyMatch(flags -> (flags & WRITING) != 0);
  }
}
