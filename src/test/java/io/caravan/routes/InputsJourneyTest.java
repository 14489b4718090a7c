package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables, texts and short lines through the shipped routes and the embedded server. */
class InputsJourneyTest {
  private static final String TOKEN = "sixteen-characters";
  private static TestCaravan caravan;
  private static Path tables;

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
    Files.copy(
        Path.of("samples/pipelines/csv.camel.yaml"), routes.resolve("pipelines/csv.camel.yaml"));
    tables = Files.createDirectories(folder.resolve("tables"));
    caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("csv.inbox", tables)
            .with("caravan.templates", templates)
            .with("caravan.template", "goods")
            .with("caravan.operator.token", TOKEN)
            .start();
  }

  @AfterAll
  static void stop() {
    caravan.close();
  }

  @Test
  void bringsTheColumnsOfATableBackBesideTheAnswers() throws IOException {
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
  void givesTablesForTables() throws IOException {
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
  void tellsWhichColumnIsMissing() throws IOException {
    caravan.drop("wrong.csv", "name,price", "kettle,12");

    assertThat(caravan.awaitReport("wrong").refusal())
        .isEqualTo(
            "wrong.csv: it has no column \"text\", which the template needs. Its columns are \"name\", \"price\"; change them, or the template.");
  }

  @Test
  void takesShortLinesBesideWholeRequests() throws IOException {
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
  void namesWhatATextLacksForTheTemplate() throws IOException {
    caravan.drop("list.txt", "A kettle.", "", "A pan.");

    Outcome outcome = caravan.awaitReport("list").counts(2, 0, 2);

    assertThat(outcome.messageOf("line-3"))
        .isEqualTo(
            "list.txt line 3: the template needs \"name\", \"text\", which the line does not have. Add it, or change the template.");
  }

  @Test
  void sendsFailedRowsOfATableAgain() throws Exception {
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
