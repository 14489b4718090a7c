package io.caravan.cli;

import io.caravan.route.component.Component;
import io.caravan.route.component.Components;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.camel.catalog.DefaultCamelCatalog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan components}: lists what is installed and what Camel offers. */
@Command(
    name = "components",
    mixinStandardHelpOptions = true,
    description =
        "Lists Camel's components, languages and data formats: those in Caravan, those in lib/, and those that \"caravan add\" installs.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:listed", "1:nothing matches", "2:wrong usage"})
final class ComponentsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "FILTER",
      description = "Lists only lines that contain this text, such as \"kafka\" or \"lib/\".")
  private String filter = "";

  @Override
  public Integer call() {
    var components =
        new Components(new DefaultCamelCatalog(true), ComponentsCommand.class.getClassLoader());
    List<String> lines =
        components.all().stream()
            .map(ComponentsCommand::line)
            .filter(line -> line.toLowerCase(Locale.ROOT).contains(filter.toLowerCase(Locale.ROOT)))
            .toList();
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(out::println);
    out.flush();
    if (lines.isEmpty()) {
      spec.commandLine().getErr().printf("Camel has nothing like \"%s\".%n", filter);
    }
    return lines.isEmpty() ? 1 : 0;
  }

  private static String line(Component component) {
    return String.format(
        Locale.ROOT,
        "%-30s %-12s %-26s %s",
        component.name(),
        component.kind().label(),
        state(component),
        component.description());
  }

  private static String state(Component component) {
    if (!component.installed()) {
      return "add " + component.addName();
    }
    return component.library().isOfCaravan() ? "in Caravan" : "in lib/";
  }
}
