package io.caravan.workspace;

import io.caravan.job.Part;
import io.caravan.jsonl.convert.Converter;
import java.nio.file.Path;

/**
 * The local paths of a job's files.
 *
 * @param folder the job's folder
 */
public record JobPaths(Path folder) {
  /** The input, decompressed. */
  public Path input() {
    return folder.resolve("input.jsonl");
  }

  /** The requests converted from an input of another format. */
  public Path requests() {
    return folder.resolve(Converter.REQUESTS);
  }

  /** Input columns that are copied to the results. */
  public Path carried() {
    return folder.resolve(Converter.CARRIED);
  }

  /** The requests of one part, ready to be uploaded. */
  public Path part(Part part) {
    return folder.resolve("part-" + part.name() + ".jsonl");
  }

  /** The provider's output file of a part, once fully downloaded. */
  public Path output(Part part) {
    return folder.resolve("part-" + part.name() + ".output.jsonl");
  }

  /** The answers of a part's synchronous calls, while these go on; it never leaves this folder. */
  public Path calls(Part part) {
    return folder.resolve("part-" + part.name() + ".calls.jsonl");
  }

  /** The provider's error file of a part, once fully downloaded. */
  public Path error(Part part) {
    return folder.resolve("part-" + part.name() + ".error.jsonl");
  }

  /** The requests of a further part created from a part. */
  public Path further(Part part, int child) {
    return folder.resolve("part-" + part.nameOf(child) + ".jsonl");
  }

  /** Our own error lines for requests of a part that got no answer. */
  public Path reasons(Part part) {
    return folder.resolve("part-" + part.name() + ".reasons.jsonl");
  }

  /** The results. */
  public Path results() {
    return folder.resolve("results.jsonl");
  }

  /** The errors. */
  public Path errors() {
    return folder.resolve("errors.jsonl");
  }
}
