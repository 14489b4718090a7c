package io.caravan.route.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static final CamelCatalog CATALOG = new DefaultCamelCatalog(true);
  private static final Options OPTIONS = new Options(CATALOG);

  private static final String MISTAKES =
      """
      - route:
          id: mistakes
          autoStartup: maybe
          errorHandler:
            deadLetterChannel:
              deadLetterUri: log:dead
              redeliveryPolicy:
                maximumRedeliveries: many
          from:
            uri: direct:mistakes
            steps:
              - setHeader:
                  expression:
                    simple:
                      expression: "${body}"
              - log:
                  message: Hello
                  loggingLevel: WARNN
              - removeHeaders:
                  id: remove
              - loop:
                  doWhile: sometimes
                  expression:
                    simple:
                      expression: "${body}"
                  steps:
                    - to:
                        id: nowhere
              - split:
                  id: split
              - throttle:
                  timePeriodMillis: soon
                  constant: 1
              - aggregate:
                  completionSize: ten
                  aggregationStrategy: "#strategy"
                  correlationExpression:
                    constant: 1
              - choice:
                  when:
                    - steps:
                        - stop: {}
              - marshal:
                  id: marshal
      """;

  private static final String GOOD =
      """
      - route:
          id: good
          autoStartup: "{{good.start:false}}"
          from:
            uri: timer:good
            parameters:
              split: maybe
              delay: soon
            steps:
              - log: Hello
              - log:
                  message: "${body}"
                  loggingLevel: warn
              - delay:
                  constant: 1
              - throttle:
                  timePeriodMillis: 1m30s
                  expression:
                    constant: 1
              - split:
                  streaming: "TRUE"
                  tokenize: "\\n"
              - setProperty:
                  name: x
                  simple: "${body}"
              - marshal:
                  json:
                    prettyPrint: "{{pretty}}"
              - to: log:x
              - multicast:
                  timeout: 5s
                  executorService: "#pool"
      """;

  @Test
  void findsWrongAndMissingOptions() {
    assertThat(check(MISTAKES))
        .extracting(it -> it.place().line() + ": " + it.message() + " " + it.fix())
        .containsExactlyInAnyOrder(
            "3: autoStartup is \"maybe\", not true or false. Write true or false.",
            "8: maximumRedeliveries is \"many\", not a number. Write a number.",
            "12: setHeader needs name. Add name:.",
            "18: loggingLevel is \"WARNN\", not one of TRACE, DEBUG, INFO, WARN, ERROR, OFF. Write"
                + " WARN.",
            "19: removeHeaders needs pattern. Add pattern:.",
            "22: doWhile is \"sometimes\", not true or false. Write true or false.",
            "27: to needs uri. Add uri:.",
            "29: split needs expression. Add expression:.",
            "32: timePeriodMillis is \"soon\", not a time such as 5s. Write a time such as 5s.",
            "35: completionSize is \"ten\", not a number. Write a number.",
            "41: when needs expression. Add expression:.",
            "43: marshal needs a data format. Add one, such as json: {}.");
  }

  @Test
  void acceptsAllForms() {
    assertThat(check(GOOD)).isEmpty();
  }

  @Test
  void acceptsShippedFilesAndSamples() throws IOException {
    for (Path folder : List.of(Path.of("routes"), Path.of("samples"))) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(it -> it.toString().endsWith(".camel.yaml")).toList()) {
          assertThat(check(Files.readString(file))).as(file.toString()).isEmpty();
        }
      }
    }
  }

  /** The schema itself would take longer, and misses expressions and times (decision 0039). */
  @Test
  void findsWhatCamelsSchemaFinds() throws IOException {
    var mistake = Pattern.compile("required property '(\\w+)'|(\\w+): \\w+ found|(\\w+): does not");
    List<String> found =
        schema().validate(MISTAKES, InputFormat.YAML).stream()
            .map(it -> it.getInstanceLocation() + ": " + it.getMessage())
            .filter(it -> !it.contains("/errorHandler: ")) // an alternative of its own
            .map(it -> it.replaceFirst("^.*/", ""))
            .map(mistake::matcher)
            .filter(Matcher::find)
            .map(it -> Stream.of(1, 2, 3).map(it::group).filter(Objects::nonNull).findFirst())
            .flatMap(Optional::stream)
            .filter(it -> !CATALOG.findModelNames().contains(it)) // one of several forms
            .distinct()
            .toList();

    assertThat(found).hasSizeGreaterThan(5);
    assertThat(check(MISTAKES).toString()).contains(found);
  }

  private static Schema schema() throws IOException {
    try (InputStream in = OptionsTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4)
          .getSchema(text, InputFormat.JSON);
    }
  }

  private static List<Problem> check(String text) {
    return OPTIONS.check(RouteFile.parse("x.camel.yaml", text).orElseThrow()).toList();
  }
}
