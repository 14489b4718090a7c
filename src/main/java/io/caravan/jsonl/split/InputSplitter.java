package io.caravan.jsonl.split;

import io.caravan.jsonl.convert.Conversion;
import io.caravan.jsonl.convert.Converter;
import io.caravan.jsonl.convert.Format;
import io.caravan.jsonl.convert.Normalisation;
import io.caravan.jsonl.convert.Template;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Converts an input file to whole requests if needed, validates them and splits them into parts.
 *
 * @param template read only for a file that needs conversion
 */
public record InputSplitter(
    ValidationRules rules,
    PartLimits limits,
    Normalisation normalisation,
    Supplier<Template> template) {

  /**
   * Splits a plain file; all output goes into the folder.
   *
   * @param name the user's name of the file, which decides its format
   */
  public Split split(Path input, String name, Path folder) throws IOException {
    Format format = Format.of(name);
    Optional<String> problem =
        FirstLook.problem(input, format, rules.endpoints(), rules.maxLineBytes());
    if (problem.isPresent()) {
      return Split.refused(folder, problem.get());
    }
    return format == Format.JSONL && !normalisation.changesWholeLines()
        ? splitRequests(input, name, folder)
        : convert(input, name, folder);
  }

  /** Splits a file of requests that need no conversion, unless a line shows otherwise. */
  public Split splitRequests(Path input, String name, Path folder) throws IOException {
    Split split = new Splitter(rules, limits).split(input, name, folder);
    return split.summary().needsConversion() ? convert(input, name, folder) : split;
  }

  private Split convert(Path input, String name, Path folder) throws IOException {
    var converter = new Converter(template.get(), rules.maxLineBytes(), normalisation);
    return switch (converter.convert(input, Format.of(name), folder)) {
      case Conversion.Refused refused -> Split.refused(folder, refused.problem());
      case Conversion.Converted converted ->
          new Splitter(rules, limits)
              .split(folder.resolve(Converter.REQUESTS), name, folder)
              .after(converted);
    };
  }
}
