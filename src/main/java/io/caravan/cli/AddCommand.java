package io.caravan.cli;

import io.caravan.route.component.Component;
import io.caravan.route.component.Components;
import io.caravan.route.component.LibFolder;
import io.caravan.route.component.LibFolder.Added;
import io.caravan.route.component.Library;
import io.caravan.route.component.Maven;
import io.caravan.route.component.NotFetchedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.camel.catalog.DefaultCamelCatalog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan add}: installs Camel components and other libraries. */
@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    description = {
      "Installs Camel components, languages and data formats, or other libraries, for routes.",
      "Maven fetches them from the repositories that it is configured for, in the versions that belong to this Caravan, and copies the jars into lib/:"
          + " the one in the working directory if there is one, else beside the launcher. Without names, what was added earlier is fetched again,"
          + " for example after an update of Caravan."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:installed",
      "1:a name is unknown, or Maven could not fetch a library",
      "2:wrong usage"
    })
final class AddCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "NAME",
      description =
          "A scheme such as sftp, a language, a data format, or an artifact of Camel; \"caravan components\" lists them."
              + " Or another library, such as a JDBC driver, as group:artifact:version.")
  private List<String> names = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    String home = System.getProperty("caravan.home");
    if (home == null) {
      throw new ParameterException(
          spec.commandLine(), "Only the launcher can do this: ./caravan add");
    }
    Path folder = folder(Path.of(System.getProperty("caravan.lib", "lib")));
    var lib = new LibFolder(folder);
    Optional<List<Added>> wanted = names.isEmpty() ? Optional.of(lib.added()) : wanted();
    if (wanted.isEmpty()) {
      return FAILED;
    }
    return wanted.get().isEmpty() ? 0 : add(wanted.get(), lib, folder, Path.of(home));
  }

  /** An installed Caravan may be read-only. */
  private static Path folder(Path lib) {
    Path existing = Files.exists(lib) ? lib : lib.toAbsolutePath().getParent();
    return Files.isWritable(existing) ? lib : Path.of("lib").toAbsolutePath();
  }

  /** Prints what is unknown and what Caravan has; empty if a name is unknown. */
  private Optional<List<Added>> wanted() {
    var components =
        new Components(new DefaultCamelCatalog(true), AddCommand.class.getClassLoader());
    var wanted = new LinkedHashMap<String, Added>(); // sftp and ftps are one library
    boolean known = true;
    for (String name : names) {
      Optional<Component> component = components.toAdd(name);
      if (component.isPresent()) {
        Library library = component.get().library();
        if (library.isOfCaravan()) {
          say("%s: %s is part of Caravan.".formatted(name, library.artifact()));
        } else {
          wanted.put(library.toString(), new Added(name, library.toString(), List.of()));
        }
      } else if (Library.of(name).isPresent()) {
        wanted.put(name, new Added(name, name, List.of()));
      } else {
        tell(unknown(name, components.nearest(name)));
        known = false;
      }
    }
    return known ? Optional.of(List.copyOf(wanted.values())) : Optional.empty();
  }

  private static String unknown(String name, List<String> nearest) {
    return "Camel has no component, language or data format \"%s\"%s"
        .formatted(
            name,
            nearest.isEmpty()
                ? "; \"caravan components\" lists them."
                : ". Did you mean %s?".formatted(String.join(", ", nearest)));
  }

  private int add(List<Added> wanted, LibFolder lib, Path folder, Path home)
      throws IOException, InterruptedException {
    Optional<Maven> maven =
        Maven.of(home, () -> tell("Maven fetches what is not on this machine yet…"));
    if (maven.isEmpty()) {
      tell(
          "Maven is needed to fetch libraries: install it (mvn), or run ./caravan of a checkout or an unpacked archive with a JDK.");
      return FAILED;
    }
    try {
      LibFolder.Outcome outcome = lib.add(wanted, maven.get());
      for (Added added : outcome.components()) {
        say(
            String.format(
                Locale.ROOT,
                "%s: %s, %d %s, %,d kB",
                added.name(),
                added.library(),
                added.jars().size(),
                added.jars().size() == 1 ? "jar" : "jars",
                (lib.bytes(added) + 500) / 1000));
      }
      say(
          outcome.changed()
              ? "Written to %s. Start Caravan again to use them.".formatted(folder)
              : "%s has them already.".formatted(folder));
      return 0;
    } catch (NotFetchedException e) {
      tell("Nothing was added, because Maven could not fetch everything:\n" + e.getMessage());
      return FAILED;
    }
  }

  private void say(String message) {
    print(spec.commandLine().getOut(), message);
  }

  private void tell(String message) {
    print(spec.commandLine().getErr(), message);
  }

  private static void print(PrintWriter out, String message) {
    out.println(message);
    out.flush();
  }
}
