package io.caravan.kill;

import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names a rename by what its target is, whatever job or part it belongs to. */
public final class Renames {
  private Renames() {}

  /** Stands in the application's classes for {@link Files#move}. */
  public static Path move(Path source, Path target, CopyOption... options) throws IOException {
    before(target);
    Path moved = Files.move(source, target, options);
    after(target);
    return moved;
  }

  /** The file has its temporary name. */
  public static void before(Path target) {
    Boundaries.before(name(target), target.toString());
  }

  /** The file has its name. */
  public static void after(Path target) {
    Boundaries.after(name(target), target.toString());
  }

  private static String name(Path target) {
    Path whole = target.toAbsolutePath().normalize();
    int names = whole.getNameCount();
    return "rename "
        + whole
            .subpath(Math.max(0, names - 3), names)
            .toString()
            .replaceFirst("^workspace/[^/]+", "workspace/JOB")
            .replaceAll("[0-9]+", "N");
  }
}
