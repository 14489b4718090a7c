package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests tables, texts and short lines with the shipped routes and the embedded server. */
class InputsJourneyTest {
  private static final String TOKEN = "sixteen-characters";
  private static TestCaravan caravan;
  private static Path tables;
  private static Path foreign;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    Path templates = Files.createDirectories(folder.resolve("templates"));
    Files.writeString(
        templates.resolve("goods.yaml"),
        """
        endpoint: /v1/embeddings
        model: ${caravan.server.embedding-model}
        prompt: "{{name}}: {{text}}"
        carry: [name, price]
        """);
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    String csv = Files.readString(Path.of("samples/pipelines/csv.camel.yaml"));
    Files.writeString(
        routes.resolve("pipelines/csv.camel.yaml"),
        csv.replace("strict: false ", "charset: windows-1252\n        strict: false "));
    Files.writeString(routes.resolve("pipelines/foreign.camel.yaml"), foreign());
    foreign = folder.resolve("foreign");
    tables = Files.createDirectories(folder.resolve("tables"));
    caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("csv.inbox", tables)
            .with("foreign.inbox", Files.createDirectories(folder.resolve("foreign")))
            .with("caravan.templates", templates)
            .with("caravan.template", "goods")
            .with("caravan.operator.token", TOKEN)
            .start();
  }

  /** A pipeline whose messages have external headers, like those of a broker or HTTP. */
  private static String foreign() throws IOException {
    String pipeline =
        Files.readString(Path.of("routes/pipelines/default.camel.yaml"))
            .replace("default", "foreign");
    int from = pipeline.indexOf("      uri: file");
    int steps = pipeline.indexOf("      steps:", from);
    return pipeline.substring(0, from)
        + "      uri: outside:foreign\n"
        + pipeline.substring(steps)
        + """
        - beans:
            - name: outside
              type: org.apache.camel.component.seda.SedaComponent
        - route:
            id: sender
            from:
              uri: file
              parameters:
                directoryName: "{{foreign.inbox}}"
              steps:
                - convertBodyTo:
                    type: byte[]
                - removeHeaders:
                    pattern: "*"
                    excludePattern: CamelFileName
                - setHeader:
                    name: CaravanArrival
                    constant: always the same
                - setHeader:
                    name: caravanclient
                    constant: alice
                - to:
                    uri: outside:foreign
        """;
  }

  @AfterAll
  static void stop() {
    caravan.close();
  }

  @Test
  void returnsColumnsBesideTheAnswers() throws IOException {
    caravan.drop(
        "goods.csv",
        "name,price,text",
        "kettle,12,\"It boils,",
        "loudly\"",
        "pan,8",
        "pot,9,Fine.");

    Outcome outcome = caravan.awaitReport("goods").counts(3, 2, 1);

    assertThat(outcome.resultIds()).containsExactly("line-2", "line-5");
    assertThat(outcome.results().getFirst().path("metadata").toString())
        .isEqualTo("{\"name\":\"kettle\",\"price\":\"12\"}");
    assertThat(outcome.results().getFirst().at("/response/body/data/0/embedding")).hasSize(384);
    assertThat(outcome.codeOf("line-4")).isEqualTo("ragged_row");
    assertThat(outcome.messageOf("line-4")).startsWith("goods.csv line 4: the row has 2 cells");
  }

  @Test
  void ignoresReservedHeadersFromOutside() throws Exception {
    Files.writeString(foreign.resolve("first.jsonl"), Line.embedding("a", "A kettle.") + "\n");
    caravan.awaitReport("first").counts(1, 1, 0);
    Files.writeString(foreign.resolve("second.jsonl"), Line.embedding("a", "A pan.") + "\n");

    caravan.awaitReport("second").counts(1, 1, 0);
    assertThat(caravan.clients()).isNotEmpty().containsOnlyNulls();
  }

  @Test
  void returnsTablesForTables() throws IOException {
    Files.writeString(
        tables.resolve("sheet.csv"), "name,price,text\n\"=kettle, big\",-12,Loud.\npan,8\n");

    caravan.awaitReport("sheet");
    List<String> results =
        Files.readAllLines(caravan.outbox().resolve("results/sheet.results.csv"));
    assertThat(results).hasSize(2);
    assertThat(results.getFirst())
        .isEqualTo("custom_id,name,price,text,finish_reason,prompt_tokens,completion_tokens");
    assertThat(results.getLast()).startsWith("line-2,\"'=kettle, big\",-12,\"[").contains("]\",,");
    assertThat(caravan.outbox().resolve("errors/sheet.errors.csv"))
        .content()
        .startsWith("custom_id,name,price,status_code,code,message\r\nline-3,,,,ragged_row,")
        .contains("sheet.csv line 3");
  }

  @Test
  void readsTextInConfiguredEncodings() throws IOException {
    String table = "Name;Price;Text\r\nKessel;12;Groß und „laut“ für 5 €.\r\n";
    caravan.drop("marked.csv", ("\ufeff" + table).getBytes(StandardCharsets.UTF_16LE));
    Files.write(tables.resolve("named.csv"), table.getBytes(Charset.forName("windows-1252")));
    caravan.drop("unknown.csv", table.getBytes(Charset.forName("windows-1252")));
    caravan.drop("unmarked.csv", table.getBytes(StandardCharsets.UTF_16LE));

    caravan.awaitReport("marked").counts(1, 1, 0);
    assertThat(tokens("marked")).isEqualTo(tokens("named")).isPositive();
    assertThat(caravan.outbox().resolve("errors/marked.errors.jsonl")).doesNotExist();
    assertThat(caravan.awaitReport("unknown").counts(1, 0, 1).messageOf("line-2"))
        .startsWith("unknown.csv line 2: the row is not UTF-8.")
        .contains("charset: windows-1252");
    assertThat(caravan.awaitReport("unmarked").refusal())
        .startsWith("unmarked.csv: the content looks like UTF-16 without a byte-order mark.");
  }

  /** The input tokens, which are equal for equal texts. */
  private static long tokens(String stem) {
    return caravan.awaitReport(stem).report().at("/usage/input_tokens").asLong();
  }

  @Test
  void keepsRowsAfterAnOpenQuote() throws IOException {
    caravan.drop(
        "quotes.csv",
        "name,price,text,,",
        "a,1,One,,",
        "b,2,\"Two,,",
        "c,3,Three,,",
        "d,4,Four,,,");

    Outcome outcome = caravan.awaitReport("quotes").counts(4, 3, 1);

    assertThat(outcome.resultIds()).containsExactly("line-2", "line-4", "line-5");
    assertThat(outcome.messageOf("line-3"))
        .startsWith("quotes.csv line 3: a quote is opened and never closed");
  }

  @ParameterizedTest
  @CsvSource({
    "array, '[{\"prompt\":\"Hi\"},', it is a JSON array.",
    "pretty, '{\n\"prompt\": \"Hi\"\n}', a JSON object spans several lines.",
    "message, '{\"custom_id\":\"a\",\"params\":{}}', its lines have Anthropic's own form",
    "content, '{\"key\":\"a\",\"request\":{}}', its lines have Gemini's own form",
    "zip, 'PK\u0003\u0004', the content is a zip archive"
  })
  void rejectsOtherFormatsWithOneMessage(String stem, String content, String told)
      throws IOException {
    caravan.drop(stem + ".jsonl", content.replace("\\n", "\n"));

    Outcome outcome = caravan.awaitReport(stem);

    assertThat(outcome.refusal()).startsWith(stem + ".jsonl: " + told);
    assertThat(outcome.report().path("parts")).isEmpty();
    assertThat(caravan.outbox().resolve("results/" + stem + ".results.jsonl")).doesNotExist();
  }

  @Test
  void showsOperatorsIgnoredFiles() throws IOException {
    Path notes = caravan.drop("notes.md", "Why is the sky blue?");
    Path folder = Files.createDirectory(caravan.inbox().resolve("folder"));

    await().until(this::notTaken, untaken -> untaken.containsAll(List.of(notes + "", folder + "")));
    Files.move(notes, caravan.inbox().resolve("notes.txt"));
    Files.delete(folder);

    assertThat(notTaken()).isEmpty();
    caravan.awaitReport("notes");
  }

  private List<String> notTaken() throws IOException {
    return Outcome.parse(caravan.operate("GET", "", TOKEN).body())
        .path("not_taken")
        .findValuesAsText("source");
  }

  @Test
  void reportsMissingColumn() throws IOException {
    caravan.drop("wrong.csv", "name,price", "kettle,12");

    assertThat(caravan.awaitReport("wrong").refusal())
        .isEqualTo(
            "wrong.csv: it has no column \"text\", which the template needs. Its columns are \"name\", \"price\"; change them, or the template.");
  }

  @Test
  void acceptsShortLinesBesideWholeRequests() throws IOException {
    caravan.drop(
        "mixed.jsonl",
        Line.embedding("whole", "A kettle."),
        "{\"input\":\"A pan.\",\"price\":3}",
        "{\"custom_id\":\"whole\",\"input\":\"A pot.\"}",
        "{\"messages\":[],\"price\":4}");

    Outcome outcome = caravan.awaitReport("mixed").counts(4, 2, 2);

    assertThat(outcome.resultIds()).containsExactly("whole", "line-2");
    assertThat(outcome.results().get(1).path("metadata").toString()).isEqualTo("{\"price\":3}");
    assertThat(outcome.codeOf("whole")).isEqualTo("duplicate_custom_id");
    assertThat(outcome.messageOf("line-4")).contains("takes no messages");
    assertThat(outcome.errorOf("line-4").path("metadata").toString()).isEqualTo("{\"price\":4}");
  }

  @Test
  void reportsColumnsThatATextLacks() throws IOException {
    caravan.drop("list.txt", "A kettle.", "", "A pan.");

    Outcome outcome = caravan.awaitReport("list").counts(2, 0, 2);
    assertThat(caravan.outbox().resolve("results/list.results.jsonl")).doesNotExist();

    assertThat(outcome.messageOf("line-3"))
        .isEqualTo(
            "list.txt line 3: the template needs \"name\", \"text\", which the line does not have. Add it, or change the template.");
  }

  @Test
  void resendsFailedRowsOfATable() throws Exception {
    caravan.drop("some.csv", "name,price,text,model", "kettle,1,Loud.,", "pan,2,Flat.,no-such");
    Outcome outcome = caravan.awaitReport("some").counts(2, 1, 1);
    assertThat(outcome.errorOf("line-3").path("metadata").path("name").asText()).isEqualTo("pan");

    try (HttpClient http = HttpClient.newHttpClient()) {
      URI retry = URI.create(caravan.address() + "/caravan/jobs/" + outcome.job() + "/retry");
      var request =
          HttpRequest.newBuilder(retry)
              .header("Authorization", "Bearer " + TOKEN)
              .POST(HttpRequest.BodyPublishers.noBody());
      http.send(request.build(), HttpResponse.BodyHandlers.discarding());
    }

    Outcome again = caravan.awaitAnotherReport("some").counts(1, 0, 1);
    assertThat(again.errorIds()).containsExactly("line-3");
    assertThat(again.errorOf("line-3").path("metadata").toString())
        .isEqualTo("{\"name\":\"pan\",\"price\":\"2\"}");
  }
}
