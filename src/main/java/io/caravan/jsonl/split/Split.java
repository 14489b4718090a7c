package io.caravan.jsonl.split;

import io.caravan.jsonl.convert.Conversion;
import io.caravan.jsonl.convert.Converter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A validated file, split into parts.
 *
 * @param parts in the order of their numbers; each valid request is in one of them
 * @param refused ready-made error lines of the refused lines; the settlement reads it
 * @param files all files that were written; none if the file is unusable as a whole
 */
public record Split(Summary summary, List<PartFile> parts, Path refused, List<Path> files) {
  /** Name of the index in the folder of a split; the split is complete once it is there. */
  public static final String INDEX = "requests.idx";

  /** Name of the file of refused lines in the folder of a split. */
  public static final String REFUSED = "refused.jsonl";

  public Split {
    parts = List.copyOf(parts);
    files = List.copyOf(files);
  }

  /** The split of a file that is unusable as a whole. */
  public static Split refused(Path directory, String problem) {
    return new Split(
        new Summary(0, 0, List.of(problem), List.of()),
        List.of(),
        directory.resolve(REFUSED),
        List.of());
  }

  /** Adds the files and the notes of the conversion of its input. */
  Split after(Conversion.Converted conversion) {
    return new Split(
        summary.after(conversion.notes()),
        parts,
        refused,
        Stream.concat(
                Stream.of(Converter.CARRIED, Converter.REQUESTS).map(refused::resolveSibling),
                files.stream())
            .toList());
  }
}
