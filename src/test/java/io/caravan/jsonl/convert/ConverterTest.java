package io.caravan.jsonl.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConverterTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final Template PLAIN = new Template(CHAT, "m-1", null, null, null, null);
  private static final Template REVIEWS =
      new Template(
          CHAT,
          "m-1",
          "You rate {{product}}.",
          "{{ product }}: {{text}}",
          Map.of("max_tokens", 5),
          List.of("product"));

  @TempDir private Path folder;
  private Normalisation normalisation = Normalisation.NONE;
  private List<String> notes = List.of();

  @Test
  void fillsTheColumnsOfEachRow() throws IOException {
    List<String> lines =
        convert(Format.CSV, REVIEWS, "product,text\r\nkettle,\"Loud, \"\"very\"\" loud\"\r\n");

    assertThat(lines.getFirst()).isEmpty();
    JsonNode request = json(lines.get(1));
    assertThat(request.path("custom_id").asText()).isEqualTo("line-2");
    assertThat(request.path("method").asText()).isEqualTo("POST");
    assertThat(request.path("url").asText()).isEqualTo(CHAT);
    assertThat(request.at("/body/model").asText()).isEqualTo("m-1");
    assertThat(request.at("/body/max_tokens").asInt()).isEqualTo(5);
    assertThat(request.at("/body/messages/0/content").asText()).isEqualTo("You rate kettle.");
    assertThat(request.at("/body/messages/1/content").asText())
        .isEqualTo("kettle: Loud, \"very\" loud");
    assertThat(carried()).containsExactly("", "{\"product\":\"kettle\"}");
  }

  @Test
  void keepsEachRequestOnTheLineOfItsRow() throws IOException {
    List<String> lines =
        convert(Format.CSV, PLAIN, "prompt\n\"two\nlines\"\n\nthe fifth\n\"three\n\nmore\"\nlast");

    assertThat(lines).hasSize(9);
    assertThat(prompt(lines.get(1))).isEqualTo("two\nlines");
    assertThat(lines.get(2)).isEmpty();
    assertThat(prompt(lines.get(4))).isEqualTo("the fifth");
    assertThat(prompt(lines.get(5))).isEqualTo("three\n\nmore");
    assertThat(prompt(lines.get(8))).isEqualTo("last");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prompt,custom_id,model\nHello,a,m-2\n",
        "\ufeffprompt;custom_id;model\r\nHello;a;m-2",
        "custom_id\tprompt\tmodel\n\"a\"\t\"Hello\"\t\"m-2\"\n",
        "PROMPT, Model ,Custom_Id\nHello,m-2,a\n",
        "prompt,custom_id,model,,\nHello,a,m-2,,\n",
        "prompt,custom_id,model\nHello,a,m-2,,,\n",
        "prompt,,custom_id,model\nHello,note,a,m-2\n"
      })
  void acceptsFormatsOfSpreadsheets(String table) throws IOException {
    JsonNode request = json(convert(Format.CSV, PLAIN, table).get(1));

    assertThat(request.path("custom_id").asText()).isEqualTo("a");
    assertThat(request.at("/body/model").asText()).isEqualTo("m-2");
    assertThat(request.at("/body/messages/0/content").asText()).isEqualTo("Hello");
    assertThat(request.path("body")).hasSize(2);
  }

  @Test
  void refusesOnlyBrokenRows() throws IOException {
    List<String> lines =
        convert(
            Format.CSV, PLAIN, "prompt,b\none,1\ntwo\n\"x\"y,3\n,4\nfive,5\n\"never closed,6\n");

    assertThat(prompt(lines.get(1))).isEqualTo("one");
    assertThat(refusal(lines.get(2))).startsWith("the row has 1 cells, and the header 2");
    assertThat(refusal(lines.get(3))).startsWith("a cell continues after its closing quote");
    assertThat(refusal(lines.get(4))).startsWith("the prompt is empty");
    assertThat(prompt(lines.get(5))).isEqualTo("five");
    assertThat(refusal(lines.get(6))).startsWith("a quote is opened and never closed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sep=|\nprompt|custom_id\nOne, two; three|a\n",
        "\"SEP=|\"\r\nprompt|custom_id\r\n\"One, two; three\"|a\r\n",
        "\ufeffsep=\t\nprompt\tcustom_id\nOne, two; three\ta\n"
      })
  void usesSeparatorOfTheFile(String table) throws IOException {
    List<String> lines = convert(Format.CSV, PLAIN, table);

    assertThat(lines).hasSize(3);
    assertThat(prompt(lines.get(2))).isEqualTo("One, two; three");
    assertThat(json(lines.get(2)).path("custom_id").asText()).isEqualTo("a");
  }

  @Test
  void prefersExactHeaderName() throws IOException {
    assertThat(prompt(convert(Format.CSV, PLAIN, "Prompt,prompt\nno,yes\n").get(1)))
        .isEqualTo("yes");
    assertThat(refused("Prompt,PROMPT\nno,yes\n", PLAIN))
        .startsWith("its header names \"prompt\" twice");
  }

  @Test
  void skipsRowsOfEmptyCells() throws IOException {
    List<String> lines = convert(Format.CSV, PLAIN, ",,\nprompt,id,\nHello,1,\n,,\n , ,\n");

    assertThat(lines).hasSize(3);
    assertThat(prompt(lines.get(2))).isEqualTo("Hello");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id,prompt\n1,one\n2,\"two\n3,three\n4,four\n5,five\n",
        "id,prompt\n1,one\n2,\"two\n3,\"three\"\n4,four\n5,five\n",
        "id,prompt\r\n1,one\r\n2,\"two\r\n3,three\r\n4,\"four\"\r\n5,five\r\n",
        "id,prompt\n1,one\n2,\"two\n3,\"\"\"three\"\"\"\n4,four\n5,five",
        "id,prompt\n1,one\n2,\"t\"wo,\"2\n3,three\n4,four\n5,five"
      })
  void resumesAfterLineOfBrokenQuote(String table) throws IOException {
    List<String> lines = convert(Format.CSV, PLAIN, table);

    assertThat(lines).hasSize(6);
    assertThat(refusal(lines.get(2))).contains("quote");
    assertThat(lines.subList(3, 6))
        .allSatisfy(line -> assertThat(prompt(line)).containsAnyOf("three", "four", "five"));
  }

  @Test
  void refusesRestOfRowAfterBrokenQuote() throws IOException {
    List<String> lines =
        convert(Format.CSV, PLAIN, "id,prompt\n1,\"He said \"hi\"\nand left\",5\n2,two\n");

    assertThat(refusal(lines.get(1))).startsWith("a cell continues after its closing quote");
    assertThat(refusal(lines.get(2))).startsWith("a quote is inside a cell");
    assertThat(prompt(lines.get(3))).isEqualTo("two");
  }

  @Test
  void resumesAfterQuoteThatIsNeverClosed() throws IOException {
    int rows = 20_000;
    var table = new StringBuilder("id,prompt\n0,\"open\n");
    for (int i = 1; i <= rows; i++) {
      table.append(i).append(",Why is the sky blue?\n");
    }

    List<String> lines = convert(Format.CSV, PLAIN, table.toString());

    assertThat(lines).hasSize(rows + 2);
    assertThat(refusal(lines.get(1))).startsWith("a quote is opened and never closed");
    assertThat(lines.subList(2, rows + 2)).allMatch(line -> line.contains("sky blue"));
  }

  @ParameterizedTest
  @EnumSource(names = {"CSV", "TEXT"})
  void refusesNulCharacters(Format format) throws IOException {
    List<String> lines = convert(format, PLAIN, "prompt\nT\0w\0o\nthree\n");

    assertThat(refusal(lines.get(1))).contains("holds a NUL character");
    assertThat(prompt(lines.get(2))).isEqualTo("three");
  }

  @Test
  void refusesInvalidUtf8() throws IOException {
    Path input = Files.write(folder.resolve("in"), "prompt\nCafé\nTea\n".getBytes(ISO_8859_1));
    new Converter(PLAIN, 1000, Normalisation.NONE).convert(input, Format.CSV, folder);

    assertThat(refusal(lines().get(1))).startsWith("the row is not UTF-8");
    assertThat(prompt(lines().get(2))).isEqualTo("Tea");
  }

  @Test
  void refusesTooLongRows() throws IOException {
    List<String> lines =
        convert(Format.CSV, PLAIN, "prompt\n\"" + "x\n".repeat(5000) + "\"\nshort\n");

    assertThat(refusal(lines.get(1))).startsWith("the row has 10,000 bytes");
    assertThat(prompt(lines.getLast())).isEqualTo("short");
  }

  @Test
  void explainsUnusableTables() throws IOException {
    assertThat(refused("text,id\nx,1\n", REVIEWS))
        .isEqualTo(
            "it has no column \"product\", which the template needs. Its columns are \"id\", \"text\"; change them, or the template.");
    assertThat(refused("a,b,a\n1,2,3\n", PLAIN)).startsWith("its header names \"a\" twice");
    assertThat(refused("\n\n", PLAIN)).startsWith("the file is empty");
    assertThat(Files.exists(folder.resolve(Converter.REQUESTS))).isFalse();
  }

  @Test
  void doesNotExpandPlaceholdersInValues() throws IOException {
    List<String> lines = convert(Format.CSV, REVIEWS, "product,text\n{{text}},$1 \\ {{product}}\n");

    assertThat(json(lines.get(1)).at("/body/messages/1/content").asText())
        .isEqualTo("{{text}}: $1 \\ {{product}}");
  }

  @Test
  void readsOnePromptPerLine() throws IOException {
    List<String> lines = convert(Format.TEXT, PLAIN, "One, \"two\"\r\n\r\n  \nthree");

    assertThat(lines).hasSize(4);
    assertThat(prompt(lines.getFirst())).isEqualTo("One, \"two\"");
    assertThat(prompt(lines.get(3))).isEqualTo("three");
  }

  @Test
  void copiesWholeRequestsUnchanged() throws IOException {
    String whole =
        "{ \"body\":{\"model\" : \"m\",\"input\":1.50}, \"custom_id\":\"w\",\"method\":\"POST\",\"url\":\"/v1/embeddings\"}";
    List<String> lines =
        convert(
            Format.JSONL,
            PLAIN,
            whole
                + "\nno JSON\n{\"prompt\":\"Hi\",\"temperature\":0.50,\"custom_id\":\"s\"}\n{\"messages\":[{\"role\":\"user\",\"content\":\"Ho\"}]}\n{\"input\":[1,2]}\n");

    assertThat(lines.get(0)).isEqualTo(whole);
    assertThat(lines.get(1)).isEqualTo("no JSON");
    assertThat(lines.get(2)).contains("\"temperature\":0.50").contains("\"custom_id\":\"s\"");
    assertThat(prompt(lines.get(3))).isEqualTo("Ho");
    assertThat(refusal(lines.get(4))).startsWith("input is not text");
  }

  @Test
  void convertsNativeLinesUnchanged() throws IOException {
    List<String> lines =
        convert(
            Format.JSONL,
            PLAIN,
            """
            {"custom_id":"a","params":{"model":"claude","max_tokens":1,"top_p":0.50}}
            {"params":{"model":"claude"}}
            {"prompt":"Hi","params":{"x":1}}
            """);

    assertThat(lines.getFirst())
        .isEqualTo(
            "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/messages\",\"body\":{\"model\":\"claude\",\"max_tokens\":1,\"top_p\":0.50}}");
    assertThat(json(lines.get(1)).path("custom_id").asText()).isEqualTo("line-2");
    assertThat(json(lines.get(2)).path("url").asText()).isEqualTo(CHAT);
  }

  @Test
  void adaptsRequestsToTheirModels() throws IOException {
    var rule =
        new ModelRule(
            Pattern.compile("o\\d.*|gpt-5.*"),
            Map.of("max_tokens", "max_completion_tokens"),
            Set.of("logit_bias"),
            Pattern.compile("gpt-5\\.1"),
            Set.of("temperature"));
    String plain = whole("gpt-4.1", "\"max_tokens\": 5");
    String kept = whole("gpt-5.1", "\"reasoning_effort\": \"none\", \"temperature\": 1");
    String changed = whole("gpt-5.1", "\"temperature\": 1, \"max_tokens\": 5");
    String file =
        plain
            + "\n"
            + kept
            + "\n"
            + changed
            + "\n{\"prompt\":\"Hi\",\"model\":\"o3\",\"max_tokens\":7}\n";

    normalisation = new Normalisation(List.of(rule), true);
    List<String> lines = convert(Format.JSONL, PLAIN, file);
    assertThat(lines.get(0)).isEqualTo(plain);
    assertThat(lines.get(1)).isEqualTo(kept);
    assertThat(json(lines.get(2)).path("body").toString())
        .isEqualTo("{\"model\":\"gpt-5.1\",\"messages\":[],\"max_completion_tokens\":5}");
    assertThat(json(lines.get(3)).at("/body/max_completion_tokens").asInt()).isEqualTo(7);
    assertThat(notes)
        .containsExactly(
            "adapted to the model: max_tokens written as max_completion_tokens in 2 requests.",
            "adapted to the model: temperature left out in 1 requests.");

    normalisation = new Normalisation(List.of(rule), false);
    assertThat(convert(Format.JSONL, PLAIN, file).get(2)).isEqualTo(changed);
    assertThat(notes).hasSize(1);
  }

  private static String whole(String model, String more) {
    return "{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"model\": \"%s\", \"messages\": [], %s}}"
        .formatted(model, more);
  }

  @Test
  void givesSameResultForSameFile() throws IOException {
    String table = "product,text\na,b\nc,d\n";

    assertThat(convert(Format.CSV, REVIEWS, table)).isEqualTo(convert(Format.CSV, REVIEWS, table));
  }

  private List<String> convert(Format format, Template template, String text) throws IOException {
    Path input = Files.write(folder.resolve("in"), text.getBytes(UTF_8));
    Conversion conversion =
        new Converter(template, 1000, normalisation).convert(input, format, folder);
    notes = ((Conversion.Converted) conversion).notes();
    return lines();
  }

  private String refused(String table, Template template) throws IOException {
    Path input = Files.write(folder.resolve("in"), table.getBytes(UTF_8));
    return ((Conversion.Refused)
            new Converter(template, 1000, normalisation).convert(input, Format.CSV, folder))
        .problem();
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(folder.resolve(Converter.REQUESTS));
  }

  private List<String> carried() throws IOException {
    return Files.readAllLines(folder.resolve(Converter.CARRIED));
  }

  private static JsonNode json(String line) throws IOException {
    return new JsonMapper().readTree(line);
  }

  private static String prompt(String line) throws IOException {
    return json(line).at("/body/messages/0/content").asText();
  }

  private static String refusal(String line) throws IOException {
    return json(line).at("/caravan_refused/message").asText();
  }
}
