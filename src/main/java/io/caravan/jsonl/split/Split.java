package io.caravan.jsonl.split;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A validated file, split into parts.
 *
 * @param parts in the order of their numbers; each valid request is in one of them
 * @param index says where each request went; the settlement reads it
 * @param refused ready-made error lines of the refused lines; the settlement reads it
 */
public record Split(Summary summary, List<PartFile> parts, Path index, Path refused) {
  /** Name of the index in the folder of a split; the split is complete once it is there. */
  public static final String INDEX = "requests.idx";

  /** Name of the file of refused lines in the folder of a split. */
  public static final String REFUSED = "refused.jsonl";

  public Split {
    parts = List.copyOf(parts);
  }

  /** The split of a file that is unusable as a whole. */
  public static Split refused(Path directory, String problem) {
    return new Split(
        new Summary(0, 0, List.of(problem), List.of()),
        List.of(),
        directory.resolve(INDEX),
        directory.resolve(REFUSED));
  }

  /** All files that were written. */
  public List<Path> files() {
    return Stream.concat(parts.stream().map(PartFile::file), Stream.of(refused, index)).toList();
  }
}
