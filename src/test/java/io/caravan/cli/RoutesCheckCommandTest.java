package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.Caravan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoutesCheckCommandTest {
  @TempDir private Path folder;
  private String acme;

  /** The default pipeline under another name, with an inbox of its own. */
  @BeforeEach
  void read() throws IOException {
    acme =
        Files.readString(Path.of("routes/pipelines/default.camel.yaml"))
            .replace("default", "acme")
            .replace("{{caravan.inbox}}", "inbox-acme");
  }

  private Told check(String yaml, String... further) throws IOException {
    Path file = Files.writeString(folder.resolve("acme.camel.yaml"), yaml);
    var arguments =
        Stream.concat(Stream.of("routes", "check", file.toString()), Stream.of(further));
    return Told.by(Caravan.class, arguments.toList(), Map.of());
  }

  @Test
  void acceptsTheShippedRoutes() {
    assertThat(Told.by(Caravan.class, List.of("routes", "check"), Map.of()))
        .returns(0, Told::code)
        .satisfies(it -> assertThat(it.text()).endsWith("0 errors, 0 warnings\n"));
  }

  /** Samples may name components that are still to be added; two read the same bucket. */
  @Test
  void acceptsTheSamples() throws IOException {
    var arguments = new ArrayList<>(List.of("routes", "check"));
    try (Stream<Path> samples = Files.list(Path.of("samples/pipelines"))) {
      samples
          .filter(it -> !it.endsWith("s3-events.camel.yaml"))
          .forEach(it -> arguments.add(it.toString()));
    }

    assertThat(
            Told.by(Caravan.class, arguments, Map.of())
                .text()
                .lines()
                .filter(line -> !line.contains("is not installed. Run \"./caravan add"))
                .filter(line -> !line.contains("or put its jar into lib/"))
                .filter(line -> !line.contains("There is no bean jmsConnectionFactory.")))
        .singleElement()
        .satisfies(line -> assertThat(line).matches("\\d+ files, \\d+ errors, 0 warnings"));
    assertThat(
            Told.by(
                Caravan.class,
                List.of("routes", "check", "samples/pipelines/s3-events.camel.yaml"),
                Map.of()))
        .returns("1 file, 0 errors, 0 warnings\n", Told::text);
  }

  @Test
  void findsMistakesWithTheirLines() throws IOException {
    List<Mistake> mistakes = mistakes().toList();
    var arguments = new ArrayList<>(List.of("routes", "check"));
    for (int each = 0; each < mistakes.size(); each++) {
      Mistake mistake = mistakes.get(each);
      assertThat(acme).contains(mistake.good());
      int at = acme.indexOf(mistake.good());
      String yaml =
          acme.substring(0, at) + mistake.bad() + acme.substring(at + mistake.good().length());
      Path file = folder.resolve("acme%d.camel.yaml".formatted(each));
      arguments.add(Files.writeString(file, yaml.replace("acme", "acme" + each)).toString());
    }

    Told told = Told.by(Caravan.class, arguments, Map.of());

    assertThat(told.code()).isEqualTo(1);
    for (int each = 0; each < mistakes.size(); each++) {
      String file = folder.resolve("acme%d.camel.yaml".formatted(each)).toString();
      Mistake mistake = mistakes.get(each);
      String message = mistake.message().replace("acme", "acme" + each);
      assertThat(told.text().lines().filter(line -> line.startsWith(file + ": error: ")))
          .as(mistake.bad())
          .anySatisfy(line ->
              assertThat(line)
                  .contains("error: line %d, ".formatted(mistake.line()))
                  .contains(message));
    }
  }

  /**
   * A mistake in the default pipeline.
   *
   * @param good the text that it replaces
   */
  private record Mistake(String good, String bad, int line, String message) {}

  private static Stream<Mistake> mistakes() {
    return Stream.of(
        new Mistake("- beans:", "-beans:", 4, "There is no space after the dash."),
        new Mistake("      type: io", "\ttype: io", 6, "The file is not valid"),
        new Mistake("io.caravan.flow.Pipeline", "io.caravan.flow.Pipelin", 6, "There is no class"),
        new Mistake(
            "provider: \"{{caravan.provider}}\"",
            "provider: opnai",
            8,
            "There is no provider \"opnai\". Use one of"),
        new Mistake(
            "provider: ", "provdier: ", 8, "Pipeline has no property provdier. Write provider."),
        new Mistake( // although there is no provider
            "provider: \"{{caravan.provider}}\"",
            "template: rows",
            8,
            "There is no template \"rows\"."),
        new Mistake("charset: UTF-8", "charset: UTF-88", 12, "unknown charset"),
        new Mistake("\"{{caravan.template}}\"", "rows", 11, "There is no template \"rows\"."),
        new Mistake(
            "{{caravan.provider}}",
            "{{caravan.provder}}",
            8,
            "There is no setting caravan.provder."),
        new Mistake(
            "routeConfigurationId: inboxes",
            "routeConfigurationId: inbox",
            17,
            "There is no routeConfiguration inbox. Write inboxes."),
        new Mistake("uri: file", "uri: flie", 19, "There is no component flie. Write file."),
        new Mistake(
            "uri: file",
            "uri: kafka:x",
            19,
            "The component kafka is not installed. Run \"./caravan add kafka\""),
        new Mistake(
            "recursive: true",
            "recursve: true",
            23,
            "file has no option recursve. Write recursive."),
        new Mistake(
            "recursive: true",
            "recursive: sometimes",
            23,
            "recursive is \"sometimes\", not true or false. Write true or false."),
        new Mistake(
            "recursive: true",
            "recursive: true\n        filter: \"#inboxFilter\"",
            24,
            "filter is written twice, first in line 22. Remove one of them."),
        new Mistake(
            "        - to:\n            id: acme-inbox-accept\n            uri:",
            "        - to:\n            id: acme-inbox-accept\n          uri:",
            26,
            "Here are several names: to, uri."),
        new Mistake(
            "provider: \"{{caravan.provider}}\"\n        strict: false",
            "provdier: openai\n        strict: sometimes",
            9,
            "strict is \"sometimes\", not true or false."),
        new Mistake(
            "#inboxFilter", "#inboxFiltr", 22, "There is no bean inboxFiltr. Write inboxFilter."),
        new Mistake(
            "direct:job-accept",
            "direct:job-acept",
            26,
            "No route reads direct:job-acept. Write direct:job-accept."),
        new Mistake("id: acme-results\n", "id: acme-result\n", 1, "Route acme-results is missing."),
        new Mistake(
            "- setHeader:", "- setHeadr:", 37, "There is no step setHeadr. Write setHeader."),
        new Mistake("ref: outbox", "ref: outbx", 42, "There is no bean outbx. Write outbox."),
        new Mistake(
            "method: freeName",
            "method: freName",
            43,
            "The bean outbox has no method freName. Write freeName."),
        new Mistake(
            "id: acme-errors-name",
            "id: acme-results-name",
            59,
            "The id acme-results-name is used twice."),
        new Mistake(
            "uri: direct:acme-errors",
            "uri: direct:acme-results",
            56,
            "direct:acme-results is read twice."),
        new Mistake(
            "directoryName: \"inbox-acme\"",
            "directoryName: inbox",
            18,
            "is read twice. pipelines/default.camel.yaml line 18 reads it, too"),
        new Mistake(
            "tempFileName: .writing",
            "tempFileName: sk-proj-0123456789abcdef",
            49,
            "This looks like a secret."));
  }

  @Test
  void printsJson() throws IOException {
    Told told = check(acme.replace("recursive: true", "recursve: true"), "--format", "json");

    JsonNode json = new JsonMapper().readTree(told.text());
    assertThat(json.path("errors").asInt()).isEqualTo(1);
    assertThat(json.at("/problems/0/file").asText())
        .isEqualTo(folder.resolve("acme.camel.yaml").toString());
    assertThat(json.at("/problems/0/line").asInt()).isEqualTo(23);
    assertThat(json.at("/problems/0/column").asInt()).isEqualTo(9);
    assertThat(json.at("/problems/0/fix").asText()).isEqualTo("Write recursive.");
  }

  @Test
  void warningsAreNoErrors() throws IOException {
    assertThat(
            check(acme.replace("description: Write the results", "description: write the results")))
        .returns(0, Told::code)
        .satisfies(it -> assertThat(it.text()).contains("warning: line 31").contains("1 warning"));
  }

  @Test
  void namesAFileThatIsMissing() {
    assertThat(Told.by(Caravan.class, List.of("routes", "check", "nothing.camel.yaml"), Map.of()))
        .returns(2, Told::code)
        .satisfies(it -> assertThat(it.text()).startsWith("nothing.camel.yaml is not a file."));
  }
}
