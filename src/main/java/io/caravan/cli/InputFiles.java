package io.caravan.cli;

import io.caravan.jsonl.convert.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options of a command that takes input files, selected by the rules of inboxes. */
final class InputFiles {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "JSONL, CSV (.csv) and text (.txt) files, also gzipped, or folders of them.")
  private List<Path> named = List.of();

  @Option(
      names = "--pipeline",
      paramLabel = "NAME",
      description = "The pipeline to use; default: ${DEFAULT-VALUE}.")
  private String pipeline = "default";

  String pipeline() {
    return pipeline;
  }

  /**
   * Returns the input files; a folder stands for the files in it. A named file that is not accepted
   * is an error; one in a named folder is reported and skipped.
   */
  List<Path> files() throws IOException {
    var all = new ArrayList<Path>();
    for (Path path : named) {
      if (Files.isDirectory(path)) {
        all.addAll(in(path));
      } else {
        Optional<String> refusal = refusal(path);
        if (refusal.isPresent()) {
          throw new ParameterException(spec.commandLine(), path + " " + refusal.get());
        }
        all.add(path);
      }
    }
    return all;
  }

  private List<Path> in(Path folder) throws IOException {
    var inputs = new ArrayList<Path>();
    for (Path path : entries(folder)) {
      Optional<String> refusal =
          Files.isSymbolicLink(path)
              ? Optional.of("is a link, which is not accepted. Name the file itself.")
              : refusal(path);
      refusal.ifPresentOrElse(
          told -> spec.commandLine().getErr().println(path + " " + told), () -> inputs.add(path));
    }
    if (inputs.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), folder + " has no file that ends with " + Format.ENDINGS + ".");
    }
    return inputs;
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> !String.valueOf(path.getFileName()).startsWith("."))
          .sorted()
          .toList();
    }
  }

  private static Optional<String> refusal(Path file) {
    if (Files.isDirectory(file)) {
      return Optional.of("is a subfolder, which is not searched. Name it to include its files.");
    }
    if (!Files.exists(file)) {
      return Optional.of("does not exist.");
    }
    if (!Format.isInput(String.valueOf(file.getFileName()))) {
      return Optional.of(
          "is not accepted: its name must end with %s. Rename it if it is one of these."
              .formatted(Format.ENDINGS));
    }
    if (!Files.isRegularFile(file)) {
      return Optional.of("is not a regular file. Name a plain file.");
    }
    return Files.isReadable(file)
        ? Optional.empty()
        : Optional.of("cannot be read. Make it readable for this user.");
  }
}
