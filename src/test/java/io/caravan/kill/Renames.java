package io.caravan.kill;

import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names a rename by its target, without the job and part. */
public final class Renames {
  private Renames() {}

  /** Replaces {@link Files#move} in the application's classes. */
  public static Path move(Path source, Path target, CopyOption... options) throws IOException {
    before(target);
    Path moved = Files.move(source, target, options);
    after(target);
    return moved;
  }

  /** Called before the rename. */
  public static void before(Path target) {
    Boundaries.before(name(target), target.toString());
  }

  /** Called after the rename. */
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
