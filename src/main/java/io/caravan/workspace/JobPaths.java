package io.caravan.workspace;

import io.caravan.job.Part;
import io.caravan.jsonl.convert.Converter;
import java.nio.file.Path;

/**
 * Where the files of a job have their place on this machine.
 *
 * @param folder holds them all
 */
public record JobPaths(Path folder) {
  /** The lines as they came in, decompressed. */
  public Path input() {
    return folder.resolve("input.jsonl");
  }

  /** Whole requests that were made of an input of another kind. */
  public Path requests() {
    return folder.resolve(Converter.REQUESTS);
  }

  /** What comes back beside the answers. */
  public Path carried() {
    return folder.resolve(Converter.CARRIED);
  }

  /** The lines of one part, ready to be uploaded. */
  public Path part(Part part) {
    return folder.resolve("part-" + part.name() + ".jsonl");
  }

  /** The provider's output file of a part, once it is here whole. */
  public Path output(Part part) {
    return folder.resolve("part-" + part.name() + ".output.jsonl");
  }

  /** The provider's error file of a part, once it is here whole. */
  public Path error(Part part) {
    return folder.resolve("part-" + part.name() + ".error.jsonl");
  }

  /** The lines of a further part that came out of a part. */
  public Path further(Part part, int child) {
    return folder.resolve("part-" + part.nameOf(child) + ".jsonl");
  }

  /** Why requests of a part get no other answer: lines of our own. */
  public Path reasons(Part part) {
    return folder.resolve("part-" + part.name() + ".reasons.jsonl");
  }

  /** What goes to the results route. */
  public Path results() {
    return folder.resolve("results.jsonl");
  }

  /** What goes to the errors route. */
  public Path errors() {
    return folder.resolve("errors.jsonl");
  }
}
