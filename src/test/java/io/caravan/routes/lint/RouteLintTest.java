package io.caravan.routes.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteLintTest {
  private static final RouteLint LINT = new RouteLint(new Settings(Optional.empty()));

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

  @Test
  void acceptsTheCanonicalForm() {
    assertThat(LINT.check(Map.of("batch.camel.yaml", GOOD))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void reportsAMistakeWithItsLine(String good, String bad, int line, String message) {
    assertThat(GOOD).containsOnlyOnce(good);

    assertThat(LINT.check(Map.of("batch.camel.yaml", GOOD.replace(good, bad))))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.line()).isEqualTo(line);
          assertThat(problem.message()).startsWith(message);
        });
  }

  /** Text to replace, its replacement, and the expected line and message. */
  static Stream<Arguments> mistakes() {
    return Stream.of(
        // YAML and the steps that Camel knows
        arguments("uri: timer\n", "uri: [\n", 7, "expected ',' or ']'"),
        arguments("- choice:", "- choices:", 24, "Unknown node id: choices"),
        arguments("method: claimDue", "methode: claimDue", 20, "Unsupported field: methode"),
        // endpoints and expressions
        arguments("uri: timer\n", "uri: timmer\n", 5, "There is no component timmer"),
        arguments("repeatCount: ", "repeatcount: ", 8, "timer repeatcount: Unknown option"),
        arguments("\"{{caravan.repeat}}\"", "many", 8, "timer repeatCount: Invalid integer"),
        arguments("${body} ==", "${bodi} ==", 15, "Unknown function: bodi"),
        arguments("${header.done}", "${header.done", 28, "expected symbol functionEnd"),
        arguments("{exchangeProperty.provider}", "{bodi}", 32, "Unknown function: bodi"),
        // the canonical form
        arguments(
            "direct:retrieve\n          ",
            "direct:retrieve?timeout=9\n          ",
            23,
            "Put options under"),
        arguments(EXPRESSION, METHOD, 43, "Put method: under expression:."),
        arguments(
            "simple:\n                expression: \"${body}",
            "simple: \"${body}",
            14,
            "Put the text of simple:"),
        // ids and descriptions
        arguments("    id: batch-watch\n", "", 1, "A route needs an id."),
        arguments(
            "    id: batch-watch\n", "    id: batchWatch\n", 2, "Write the id in kebab-case."),
        arguments("id: claim-due", "id: claimDue", 18, "Write the id in kebab-case."),
        arguments(
            "id: claim-due",
            "id: keep-batch",
            41,
            "Id keep-batch repeats batch.camel.yaml line 17."),
        arguments("                  id: claim-due\n", "", 17, "bean needs an id"),
        arguments("                  id: retrieve-status\n", "", 21, "to needs an id"),
        arguments("                            id: tell-provider\n", "", 30, "toD needs an id"),
        arguments("    description: Retrieve one status\n", "", 33, "A route needs a description."),
        arguments("Retrieve one status", "Retrieve one status.", 35, "A description is one line"),
        arguments("Retrieve one status", "retrieve one status", 35, "A description is one line"),
        arguments(
            "Retrieve one status", "|\n      One\n      Two", 35, "A description is one line"),
        // calls between routes
        arguments(
            "    id: retrieve\n",
            "    id: other\n",
            38,
            "A route that reads direct:retrieve must have the id retrieve."),
        arguments(
            "    errorHandler:\n      noErrorHandler: {}\n",
            "",
            33,
            "A route called through direct needs"),
        arguments(
            "direct:retrieve\n          ",
            "direct:no\n          ",
            21,
            "No route reads direct:no."),
        // content not allowed in a route
        arguments(
            "Ask providers",
            "Ask {{openai.api-key}}",
            3,
            "{{openai.api-key}} looks like a secret."),
        arguments(
            "Ask providers",
            "Ask https://api.example.com/v1",
            3,
            "Host api.example.com is hard-coded"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"from", "beans", "rest"})
  void requiresRoutesAtTopLevel(String entry) {
    assertThat(LINT.check(Map.of("batch.camel.yaml", GOOD + "- " + entry + ":\n")))
        .contains(
            new Problem(
                "batch.camel.yaml",
                47,
                entry + " is not allowed here, only route, routeConfiguration."));
  }

  @Test
  void allowsDurationsWhereCamelParsesThem() {
    var repeat = "repeatCount: \"{{caravan.repeat}}\"";

    assertThat(LINT.check(Map.of("batch.camel.yaml", GOOD.replace(repeat, "delay: 1m30s"))))
        .isEmpty();
    assertThat(LINT.check(Map.of("batch.camel.yaml", GOOD.replace(repeat, "repeatCount: 1s"))))
        .isEmpty();
  }

  @Test
  void allowsSettingsInExpressions() {
    var text = GOOD.replace("${header.done}", "${header.count} > {{caravan.most}}");

    assertThat(LINT.check(Map.of("batch.camel.yaml", text))).isEmpty();
  }

  @Test
  void requiresThePathOfAnEndpoint() {
    assertThat(LINT.check(Map.of("batch.camel.yaml", GOOD.replace("timerName: ", "period: "))))
        .contains(new Problem("batch.camel.yaml", 5, "timer lacks a parameter: timerName."));
  }

  @Test
  void allowsLoopbackAndLimitsOnTokens() {
    var text = GOOD.replace("Ask", "Ask http://127.0.0.1:8080 {{caravan.max-tokens}}");

    assertThat(LINT.check(Map.of("batch.camel.yaml", text))).isEmpty();
  }

  @Test
  void reportsARouteThatIsTooLong() {
    assertThat(
            LINT.check(
                Map.of("batch.camel.yaml", route("job-wait") + "            # more\n".repeat(60))))
        .containsExactly(
            new Problem("batch.camel.yaml", 1, "More than 60 lines. Move steps to another route."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing but a comment", "route: {}", "text"})
  void reportsAFileWithoutRoutes(String text) {
    assertThat(LINT.check(Map.of("batch.camel.yaml", text)))
        .contains(new Problem("batch.camel.yaml", 1, "A file is a list of routes."));
  }

  @Test
  void requiresTheRoutesOfAProvider() {
    assertThat(
            LINT.check(Map.of("providers/acme.camel.yaml", route("acme-submit") + route("fetch"))))
        .extracting(Problem::toString)
        .containsExactly(
            "providers/acme.camel.yaml line 1: Route acme-cancel is missing.",
            "providers/acme.camel.yaml line 1: Route acme-release is missing.",
            "providers/acme.camel.yaml line 1: Route acme-retrieve-files is missing.",
            "providers/acme.camel.yaml line 1: Route acme-retrieve-status is missing.",
            "providers/acme.camel.yaml line 11: The id of a provider's route starts with acme-.");
  }

  @Test
  void requiresTheRoutesOfAPipeline() {
    var beans = "- beans:\n    - name: rows\n      type: java.util.ArrayList\n";

    assertThat(LINT.check(Map.of("pipelines/nightly.camel.yaml", beans + route("nightly-results"))))
        .extracting(Problem::message)
        .containsExactly("Route nightly-errors is missing.", "Route nightly-inbox is missing.");
  }

  @Test
  void checksCallsAndIdsAcrossFiles() {
    var texts = new TreeMap<>(Map.of("one.camel.yaml", GOOD, "two.camel.yaml", route("other")));
    assertThat(LINT.check(texts)).isEmpty();

    texts.put("three.camel.yaml", route("retrieve"));
    assertThat(LINT.check(texts))
        .containsExactly(
            new Problem("three.camel.yaml", 1, "Id retrieve repeats one.camel.yaml line 33."));
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

    assertThat(LINT.check(Map.of("error-handling.camel.yaml", policy)))
        .extracting(Problem::toString)
        .containsExactly(
            "error-handling.camel.yaml line 7: No route reads direct:nobody.",
            "error-handling.camel.yaml line 8: Write the id in kebab-case.");
  }

  @Test
  void readsSettings() {
    var values = new Properties();
    values.setProperty("caravan.repeat", "often");
    var lint = new RouteLint(new Settings(Optional.of(values)));

    assertThat(lint.check(Map.of("batch.camel.yaml", GOOD)))
        .containsExactly(
            new Problem("batch.camel.yaml", 8, "timer repeatCount: Invalid integer value: often"));
    assertThat(lint.check(Map.of("batch.camel.yaml", GOOD.replace("n.repeat", "n.repeats"))))
        .containsExactly(
            new Problem("batch.camel.yaml", 8, "There is no setting caravan.repeats."));
  }

  @Test
  void acceptsShippedRoutes() throws IOException {
    var texts = RouteLint.read(Path.of("routes"));
    texts.putAll(RouteLint.read(Path.of("samples"))); // as if copied

    assertThat(new RouteLint(Settings.of(Path.of("config/application.yaml"))).check(texts))
        .isEmpty();
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
}
