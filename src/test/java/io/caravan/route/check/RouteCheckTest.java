package io.caravan.route.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.caravan.route.yaml.Problem;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteCheckTest {
  private static final Map<String, Class<?>> BEANS =
      Map.of("watch", Watch.class, "inboxFilter", Object.class);
  private static final RouteCheck CHECK = check(Map.of("caravan.repeat", "1"));

  /** A correct file, into which the tests insert mistakes. */
  private static final String GOOD =
      """
      - route:
          id: batch-watch
          description: Ask providers for the status of every batch that is due
          from:
            uri: timer
            parameters:
              timerName: batch-watch
              repeatCount: "{{caravan.repeat}}"
            steps:
              - loop:
                  id: until-shutdown
                  doWhile: true
                  expression:
                    simple:
                      expression: "${body} == 'x'"
                  steps:
                    - bean:
                        id: claim-due
                        ref: watch
                        method: claimDue
                    - to:
                        id: retrieve-status
                        uri: direct:retrieve
                    - choice:
                        when:
                          - expression:
                              simple:
                                expression: "${header.done}"
                            steps:
                              - toD:
                                  id: tell-provider
                                  uri: "direct:${exchangeProperty.provider}-release"
      - route:
          id: retrieve
          description: Retrieve one status
          errorHandler:
            noErrorHandler: {}
          from:
            uri: direct:retrieve
            steps:
              - setBody:
                  id: keep-batch
                  expression:
                    method:
                      ref: watch
                      method: batch
      """;

  private static final String EXPRESSION =
      """
                  expression:
                    method:
                      ref: watch
                      method: batch
      """;
  private static final String METHOD =
      """
                  method:
                    ref: watch
                    method: batch
      """;

  private static RouteCheck check(Map<String, String> settings) {
    return new RouteCheck(
        new Surroundings(settings::get, BEANS, RouteCheckTest.class.getClassLoader()));
  }

  @Test
  void acceptsTheCanonicalForm() {
    assertThat(CHECK.check(Map.of("batch.camel.yaml", GOOD))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource({"errors", "findings"})
  void reportsAMistakeWithItsLineAndItsFix(
      String good, String bad, int line, String message, String fix) {
    assertThat(GOOD).containsOnlyOnce(good);

    assertThat(CHECK.check(Map.of("batch.camel.yaml", GOOD.replace(good, bad))))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.place().line()).isEqualTo(line);
          assertThat(problem.message()).isEqualTo(message);
          assertThat(problem.fix()).startsWith(fix);
        });
  }

  @ParameterizedTest
  @MethodSource("errors")
  void errorsAreErrors(String good, String bad) {
    assertThat(CHECK.check(Map.of("batch.camel.yaml", GOOD.replace(good, bad))))
        .allMatch(Problem::isError);
  }

  @ParameterizedTest
  @MethodSource("findings")
  void findingsAboutStyleAreWarnings(String good, String bad) {
    assertThat(CHECK.check(Map.of("batch.camel.yaml", GOOD.replace(good, bad))))
        .noneMatch(Problem::isError);
  }

  /** Text to replace, its replacement, and the expected line, message and fix. */
  static Stream<Arguments> errors() {
    return Stream.of(
        // YAML and the steps that Camel knows
        arguments(
            "uri: timer\n",
            "uri: [\n",
            7,
            "The file is not valid: expected ',' or ']', but got :.",
            "Check indentation"),
        arguments(
            "method: batch",
            "method: \"batch",
            46,
            "The file is not valid: found unexpected end of stream.",
            "Check indentation"),
        arguments(
            "repeatCount: ",
            "timerName: again\n        repeatCount: ",
            8,
            "timerName is written twice, first in line 7.",
            "Remove one of them."),
        arguments(
            "                  method: claimDue",
            "                  method: claimDue\n                  method: batch",
            21,
            "method is written twice, first in line 20.",
            "Remove one of them."),
        arguments(
            "                  ref: watch\n                  method: claimDue",
            "                  ref: watch\n                method: claimDue",
            17,
            "Here are several names: bean, method.",
            "A route or step is one name"),
        arguments("- choice:", "- choices:", 24, "There is no step choices.", "Write choice."),
        arguments(
            "method: claimDue",
            "methode: claimDue",
            20,
            "methode is not an option here.",
            "Write method."),
        arguments(
            "                expression: \"${body} == 'x'\"",
            "                expresion: \"${body} == 'x'\"",
            15,
            "expresion is not an option here.",
            "Write expression."),
        arguments(
            "    id: retrieve\n",
            "    id: retrieve\n    parameters: {}\n",
            35,
            "parameters is not an option here.",
            "Indent it below the step"),
        // endpoints and expressions
        arguments("uri: timer\n", "uri: timmer\n", 5, "There is no component timmer.", "Write t"),
        arguments(
            "uri: direct:retrieve\n          ",
            "uri: kafka:retrieve\n          ",
            23,
            "The component kafka is not installed.",
            "Run \"./caravan add kafka\""),
        arguments(
            "repeatCount: ",
            "repeatcount: ",
            8,
            "timer has no option repeatcount.",
            "Write repeatCount."),
        arguments(
            "\"{{caravan.repeat}}\"",
            "many",
            8,
            "repeatCount is \"many\", not a number.",
            "Write a number."),
        arguments(
            "{{caravan.repeat}}",
            "{{caravan.repeats}}",
            8,
            "There is no setting caravan.repeats.",
            "Add it to config/application.yaml"),
        arguments("${body} ==", "${bodi} ==", 15, "Unknown function: bodi.", "Correct the"),
        arguments(
            "simple:\n                          expression: \"${header.done}\"",
            "jq:\n                          expression: .done",
            27,
            "The language jq is not installed.",
            "Run \"./caravan add jq\""),
        // beans
        arguments(
            "ref: watch\n                  method: claimDue",
            "ref: wach\n                  method: claimDue",
            19,
            "There is no bean wach.",
            "Write watch."),
        arguments(
            "method: claimDue",
            "method: claimdue",
            20,
            "The bean watch has no method claimdue.",
            "Write claimDue."),
        // calls between routes
        arguments(
            "uri: direct:retrieve\n          ",
            "uri: direct:retreive\n          ",
            21,
            "No route reads direct:retreive.",
            "Write direct:retrieve."),
        arguments(
            "    errorHandler:\n",
            "    routeConfigurationId: stepps\n    errorHandler:\n",
            36,
            "There is no routeConfiguration stepps.",
            "routes/error-handling.camel.yaml"),
        arguments(
            "id: claim-due",
            "id: keep-batch",
            41,
            "The id keep-batch is used twice.",
            "batch.camel.yaml line 17 has it, too"),
        // secrets
        arguments(
            "Ask providers",
            "Ask {{caravan.api-key:none}}",
            3,
            "{{caravan.api-key:none}} looks like a secret.",
            "Let a bean read it"),
        arguments(
            "Ask providers",
            "Ask sk-proj-0123456789abcdef",
            3,
            "This looks like a secret.",
            "Take it from the environment"));
  }

  static Stream<Arguments> findings() {
    return Stream.of(
        arguments(
            "uri: direct:retrieve\n          ",
            "uri: direct:retrieve?timeout=9\n          ",
            23,
            "Options are in the uri.",
            "Put options under parameters:."),
        arguments(
            EXPRESSION,
            METHOD,
            43,
            "The expression is not in its long form.",
            "Put method: under expression:."),
        arguments(
            "simple:\n                expression: \"${body}",
            "simple: \"${body}",
            14,
            "The expression is not in its long form.",
            "Put the text of simple: under expression:."),
        // ids and descriptions
        arguments("    id: batch-watch\n", "", 1, "A route needs an id.", "Add id:"),
        arguments(
            "    id: batch-watch\n",
            "    id: batchWatch\n",
            2,
            "Write the id in kebab-case.",
            "For example"),
        arguments("id: claim-due", "id: claimDue", 18, "Write the id in kebab-case.", ""),
        arguments("                  id: claim-due\n", "", 17, "bean needs an id.", "Add id:"),
        arguments("                  id: retrieve-status\n", "", 21, "to needs an id.", ""),
        arguments(
            "                            id: tell-provider\n", "", 30, "toD needs an id.", ""),
        arguments(
            "    description: Retrieve one status\n", "", 33, "A route needs a description.", ""),
        arguments("Retrieve one status", "Retrieve one status.", 35, DESCRIPTION, ""),
        arguments("Retrieve one status", "retrieve one status", 35, DESCRIPTION, ""),
        arguments("Retrieve one status", "|\n      One\n      Two", 35, DESCRIPTION, ""),
        arguments(
            "    id: retrieve\n",
            "    id: other\n",
            38,
            "A route that reads direct:retrieve must have the id retrieve.",
            "Rename one of them."),
        arguments(
            "    errorHandler:\n      noErrorHandler: {}\n",
            "",
            33,
            "A route called through direct needs errorHandler: {noErrorHandler: {}} or a"
                + " routeConfigurationId.",
            ""),
        arguments(
            "Ask providers",
            "Ask https://api.example.com/v1",
            3,
            "Host api.example.com is hard-coded.",
            ""));
  }

  private static final String DESCRIPTION =
      "A description is one line that starts with a capital and ends without a period.";

  @Test
  void reportsAllMistakesAtOnce() {
    var text =
        GOOD.replace("repeatCount", "repeatcount")
            .replace("- choice:", "- choices:")
            .replace("method: claimDue", "methode: claimDue")
            .replace("method: batch", "method: bach")
            .replace("id: retrieve-status", "id: keep-batch");

    assertThat(CHECK.check(Map.of("batch.camel.yaml", text)))
        .extracting(it -> it.place().line() + " " + it.message())
        .containsExactly(
            "8 timer has no option repeatcount.",
            "20 methode is not an option here.",
            "24 There is no step choices.",
            "41 The id keep-batch is used twice.",
            "46 The bean watch has no method bach.");
  }

  @Test
  void reportsRoutesWithoutSteps() {
    assertThat(
            CHECK.check(
                Map.of(
                    "batch.camel.yaml",
                    """
                    - route:
                    - route:
                        id: x
                        description: Read nothing
                        from:
                          uri: direct:x
                    """)))
        .filteredOn(Problem::isError)
        .extracting(it -> it.place().line() + " " + it.message())
        .containsExactly(
            "1 A route needs a from with its steps inside.",
            "1 route is empty.",
            "2 A route needs a from with its steps inside.");
  }

  @Test
  void tellsTheColumn() {
    assertThat(CHECK.check(Map.of("batch.camel.yaml", GOOD.replace("claimDue", "claimdue"))))
        .extracting(Problem::toString)
        .containsExactly(
            "batch.camel.yaml line 20, column 19: The bean watch has no method claimdue. Write"
                + " claimDue.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"from", "beans", "template"})
  void warnsAboutOtherEntriesAtTopLevel(String entry) {
    assertThat(CHECK.check(Map.of("batch.camel.yaml", GOOD + "- " + entry + ":\n")))
        .filteredOn(it -> !it.isError())
        .extracting(Problem::toString)
        .containsExactly(
            "batch.camel.yaml line 47, column 3: "
                + entry
                + " at the top level is not checked and cannot be edited live. Use rest, restConfiguration,"
                + " route, routeConfiguration.");
  }

  @Test
  void allowsDurationsWhereCamelParsesThem() {
    var repeat = "repeatCount: \"{{caravan.repeat}}\"";

    assertThat(CHECK.check(Map.of("batch.camel.yaml", GOOD.replace(repeat, "delay: 1m30s"))))
        .isEmpty();
    assertThat(CHECK.check(Map.of("batch.camel.yaml", GOOD.replace(repeat, "repeatCount: 1s"))))
        .isEmpty();
  }

  @Test
  void allowsSettingsInExpressions() {
    var text = GOOD.replace("${header.done}", "${header.count} > {{caravan.most:5}}");

    assertThat(CHECK.check(Map.of("batch.camel.yaml", text))).isEmpty();
  }

  @Test
  void requiresThePathOfAnEndpoint() {
    assertThat(CHECK.check(Map.of("batch.camel.yaml", GOOD.replace("timerName: ", "period: "))))
        .extracting(Problem::message)
        .contains("timer lacks a parameter: timerName.");
  }

  @Test
  void allowsLoopbackAndLimitsOnTokens() {
    var text = GOOD.replace("Ask", "Ask http://127.0.0.1:8080 {{caravan.max-tokens:1}}");

    assertThat(CHECK.check(Map.of("batch.camel.yaml", text))).isEmpty();
  }

  @Test
  void reportsARouteThatIsTooLong() {
    assertThat(
            CHECK.check(
                Map.of("batch.camel.yaml", route("job-wait") + "            # more\n".repeat(60))))
        .extracting(Problem::message)
        .containsExactly("More than 60 lines.");
  }

  @Test
  void allowsAnyNumberOfHttpPaths() {
    var rest = "- rest:\n    id: paths\n    get:\n";
    for (int path = 0; path < 30; path++) {
      rest += "      - path: /%d\n        to: direct:job-wait\n".formatted(path);
    }

    assertThat(CHECK.check(Map.of("batch.camel.yaml", rest + route("job-wait")))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing but a comment", "route: {}", "text"})
  void reportsAFileWithoutRoutes(String text) {
    assertThat(CHECK.check(Map.of("batch.camel.yaml", text)))
        .extracting(Problem::message)
        .contains("The file has no routes.");
  }

  @Test
  void requiresTheRoutesOfAProvider() {
    assertThat(
            CHECK.check(Map.of("providers/acme.camel.yaml", route("acme-submit") + route("fetch"))))
        .extracting(Problem::message)
        .containsExactly(
            "Route acme-cancel is missing.",
            "Route acme-release is missing.",
            "Route acme-retrieve-files is missing.",
            "Route acme-retrieve-status is missing.",
            "The id of a provider's route starts with acme-.");
  }

  @Test
  void requiresTheRoutesOfAPipeline() {
    var beans = "- beans:\n    - name: rows\n      type: java.util.ArrayList\n";

    assertThat(
            CHECK.check(Map.of("pipelines/nightly.camel.yaml", beans + route("nightly-results"))))
        .extracting(Problem::message)
        .containsExactly("Route nightly-errors is missing.", "Route nightly-inbox is missing.");
  }

  @Test
  void checksTheBeansOfAPipeline() {
    var pipeline =
        """
        - beans:
            - name: nightly
              type: io.caravan.route.check.RouteCheckTest$Watch
              properties:
                provdier: openai
                strict: maybe
            - name: rows
              type: com.example.Rows
            - name: post
              type: java.net.http.HttpRequest
              builderClass: java.net.http.HttpRequest$Builder
              builderMethod: build
              properties:
                uri: http://localhost
                timeot: PT1S
        """;

    assertThat(
            CHECK.check(
                Map.of(
                    "pipelines/nightly.camel.yaml",
                    pipeline
                        + route("nightly-results")
                        + route("nightly-errors")
                        + route("nightly-inbox"))))
        .extracting(Problem::toString)
        .containsExactly(
            "pipelines/nightly.camel.yaml line 5, column 9: Watch has no property provdier. Write"
                + " provider.",
            "pipelines/nightly.camel.yaml line 6, column 9: strict is \"maybe\", not true or false."
                + " Write true or false.",
            "pipelines/nightly.camel.yaml line 8, column 7: There is no class com.example.Rows."
                + " Correct the name, or put its jar into lib/.",
            "pipelines/nightly.camel.yaml line 15, column 9: Builder has no property timeot. Write"
                + " timeout.");
  }

  @Test
  void warnsAboutStepsThatLoadWholeFiles() {
    var text =
        route("nightly-inbox")
            + route("nightly-errors")
            + route("nightly-results")
                .replace("- stop:", "- convertBodyTo:\n            type: String\n        - stop:");

    assertThat(CHECK.check(Map.of("pipelines/nightly.camel.yaml", text)))
        .extracting(it -> it.severity() + " " + it.message())
        .containsExactly("WARNING convertBodyTo String loads the whole file into memory.");
  }

  @Test
  void checksCallsAndIdsAcrossFiles() {
    var texts = new TreeMap<>(Map.of("one.camel.yaml", GOOD, "two.camel.yaml", route("other")));
    assertThat(CHECK.check(texts)).isEmpty();

    texts.put("three.camel.yaml", route("retrieve"));
    assertThat(CHECK.check(texts))
        .extracting(it -> it.file() + " " + it.message() + " " + it.fix())
        .containsExactly(
            "three.camel.yaml The id retrieve is used twice. one.camel.yaml line 33 has it, too;"
                + " rename one of them.",
            "three.camel.yaml direct:retrieve is read twice. one.camel.yaml line 38 reads it,"
                + " too; use another inbox.");
  }

  @Test
  void rejectsTwoReadersOfOneFolder() {
    var one = folder("one-inbox", "");
    assertThat(
            CHECK.check(
                new TreeMap<>(
                    Map.of("1.camel.yaml", one, "2.camel.yaml", folder("two-inbox", "")))))
        .extracting(it -> it.file() + " " + it.fix())
        .containsExactly("2.camel.yaml 1.camel.yaml line 4 reads it, too; use another inbox.");
    assertThat(
            CHECK.check(
                Map.of("1.camel.yaml", one, "2.camel.yaml", folder("two-inbox", "include: b.*"))))
        .isEmpty();
  }

  @Test
  void checksErrorPoliciesToo() {
    var policy =
        """
        - routeConfiguration:
            onException:
              - onException:
                  exception:
                    - java.lang.Exception
                  steps:
                    - to:
                        id: tellNobody
                        uri: direct:nobody
        """;

    assertThat(CHECK.check(Map.of("error-handling.camel.yaml", policy)))
        .extracting(it -> it.place().line() + " " + it.message())
        .containsExactly("7 No route reads direct:nobody.", "8 Write the id in kebab-case.");
  }

  /** Ten lines. */
  private static String route(String id) {
    return """
    - route:
        id: %1$s
        description: Stand here
        errorHandler:
          noErrorHandler: {}
        from:
          uri: direct:%1$s
          steps:
            - stop:
                id: stop-%1$s
    """
        .formatted(id);
  }

  private static String folder(String id, String option) {
    return """
    - route:
        id: %1$s
        description: Read a folder
        from:
          uri: file
          parameters:
            directoryName: inbox
            %2$s
          steps:
            - stop:
                id: stop-%1$s
    """
        .formatted(id, option);
  }

  /** A bean that routes call. */
  public static final class Watch {
    public void setProvider(String provider) {}

    public void setStrict(boolean strict) {}

    public void claimDue() {}

    public void batch() {}
  }
}
