package io.caravan.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.Templates;
import io.caravan.flow.live.BeanTypes;
import io.caravan.flow.live.PipelineChecks;
import io.caravan.provider.Providers;
import io.caravan.route.check.RouteCheck;
import io.caravan.route.check.Surroundings;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.context.annotation.ConfigurationClassPostProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan routes check}: reports all problems of route files without starting them. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Reports all problems of route files, each with its line and what to do.",
      "Starts nothing, and needs no service and no network. Errors keep a file from being used; warnings do not."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:no errors", "1:there are errors", "2:wrong usage"})
final class RoutesCheckCommand implements Callable<Integer> {
  private final Class<?> application;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "The files to check, as if they were in routes/pipelines; default: all files in routes/.")
  private List<Path> named = List.of();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "text or json; default: ${DEFAULT-VALUE}.")
  private Format format = Format.text;

  /** How problems are printed. */
  enum Format {
    text,
    json
  }

  RoutesCheckCommand(Class<?> application) {
    this.application = application;
  }

  @Override
  public Integer call() throws IOException {
    try (var context = OperatorCommand.settings()) {
      ConfigurableEnvironment settings = context.getEnvironment();
      Path folder = Path.of(settings.getProperty("caravan.routes", "routes"));
      Map<String, String> texts = new LinkedHashMap<>(RouteFile.read(folder));
      Map<String, String> shown = shown(folder, texts);
      List<Problem> problems =
          check(settings).check(texts).stream().filter(it -> shown.containsKey(it.file())).toList();
      long errors = problems.stream().filter(Problem::isError).count();
      switch (format) {
        case text -> tell(problems, shown, errors);
        case json -> tellJson(problems, shown, errors);
      }
      return errors == 0 ? 0 : 1;
    }
  }

  /** The files to report about, by their paths below routes/; adds them to the texts. */
  private Map<String, String> shown(Path folder, Map<String, String> texts) throws IOException {
    var shown = new LinkedHashMap<String, String>();
    if (named.isEmpty()) {
      texts.keySet().forEach(it -> shown.put(it, "routes/" + it));
    }
    for (Path file : named) {
      if (!Files.isRegularFile(file)) {
        throw new ParameterException(spec.commandLine(), file + " is not a file.");
      }
      String name = RouteFile.nameIn(folder, file);
      texts.remove(name);
      texts.put(name, Files.readString(file)); // last, so that its clashes are reported for it
      shown.put(name, file.toString());
    }
    return shown;
  }

  private RouteCheck check(ConfigurableEnvironment settings) {
    var names = Binder.get(settings).bind("caravan", Providers.class).get().providers().keySet();
    var templates =
        new Templates(
            Binder.get(settings).bindOrCreate("caravan", FlowProperties.Requests.class), settings);
    return new RouteCheck(
        new Surroundings(
            settings::getProperty, BeanTypes.of(beans(settings)), getClass().getClassLoader()),
        new PipelineChecks(names, templates::get, settings));
  }

  /** The definitions of the application's beans; none is created. */
  private DefaultListableBeanFactory beans(ConfigurableEnvironment settings) {
    var beans = new DefaultListableBeanFactory();
    new AnnotatedBeanDefinitionReader(beans, settings).register(application);
    var reader = new ConfigurationClassPostProcessor();
    reader.setEnvironment(settings);
    reader.postProcessBeanDefinitionRegistry(beans);
    return beans;
  }

  private void tell(List<Problem> problems, Map<String, String> shown, long errors) {
    PrintWriter out = spec.commandLine().getOut();
    for (Problem problem : problems) {
      out.printf(
          "%s: %s: %s%n",
          shown.get(problem.file()),
          problem.severity().name().toLowerCase(Locale.ROOT),
          problem.here());
    }
    out.println(
        String.join(
            ", ",
            count(shown.size(), "file"),
            count(errors, "error"),
            count(problems.size() - errors, "warning")));
    out.flush();
  }

  private static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }

  private void tellJson(List<Problem> problems, Map<String, String> shown, long errors)
      throws IOException {
    var list = new ArrayList<Map<String, Object>>();
    for (Problem problem : problems) {
      var each = new LinkedHashMap<String, Object>();
      each.put("file", String.valueOf(shown.get(problem.file())));
      each.put("line", problem.place().line());
      each.put("column", problem.place().column());
      each.put("severity", problem.severity().name().toLowerCase(Locale.ROOT));
      each.put("message", problem.message());
      each.put("fix", problem.fix());
      list.add(each);
    }
    var all = new LinkedHashMap<String, Object>();
    all.put("files", shown.size());
    all.put("errors", errors);
    all.put("warnings", problems.size() - errors);
    all.put("problems", list);
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(all));
    out.flush();
  }
}
