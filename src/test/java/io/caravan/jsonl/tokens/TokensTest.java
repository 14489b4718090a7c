package io.caravan.jsonl.tokens;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.caravan.jsonl.split.PartFile;
import io.caravan.jsonl.split.TokenSample;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares estimates with tokenizer counts; Tokens and the docs state the same limits. */
class TokensTest {
  private static final Encoding O200K =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
  private static final JsonMapper PLAIN = new JsonMapper();
  private static final JsonMapper ASCII =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  @ParameterizedTest
  @CsvSource({
    "english, 10",
    "code, 10",
    "json, 15",
    "german, 15",
    "russian, 15",
    "chinese, 20",
    "japanese, 20"
  })
  void isCloseToTokenizer(String sample, int percent) throws IOException {
    String text = sample(sample);

    long estimated = estimate(chat(PLAIN, text)).text();

    assertThat(estimated)
        .isCloseTo(O200K.countTokensOrdinary(text) + 4 + 3, withinPercentage(percent));
    assertThat(estimate(chat(ASCII, text)).text())
        .as("escapes count as the characters they represent")
        .isCloseTo(estimated, withinPercentage(2));
  }

  @Test
  void countsFixedFigurePerImage() {
    String image = Base64.getEncoder().encodeToString(new byte[1_100_000]);
    String question = "{\"type\":\"text\",\"text\":\"What is it?\"}";

    Tokens tokens =
        estimate(chatOf("[%s,%s]".formatted(question, picture("data:image/png;base64," + image))));

    assertThat(tokens).isEqualTo(new Tokens(estimate(chat(PLAIN, "What is it?")).text(), 765));
  }

  @Test
  void countsMediaOfEachProvider() {
    String base64 =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJ";
    assertThat(media(picture("https://example.com/x.png"))).isEqualTo(765);
    assertThat(media(picture("data:image\\/png;base64," + base64))).isEqualTo(765);
    assertThat(
            media(
                """
                {"type":"image_url","image_url":{"url":"https://a.example/b.png","detail":"low"}}\
                """))
        .isEqualTo(85);
    assertThat(media("{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,AAAA\"}"))
        .isEqualTo(765);
    assertThat(media("{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}")).isEqualTo(6_000);
    assertThat(
            media(
                """
                {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBER"}\
                """))
        .isEqualTo(6_000);
    assertThat(
            media(
                """
                {"type":"input_audio","input_audio":{"data":"UklGRiQAAABXQVZFZm10%s","format":"wav"}}\
                """
                    .formatted(base64)))
        .isEqualTo(600);
    assertThat(
            media(
                """
                {"type":"image","source":{"type":"base64","media_type":"image/png","data":"%s"}}\
                """
                    .formatted(base64)))
        .isEqualTo(765);
    assertThat(
            media(
                """
                {"inlineData":{"mimeType":"application/pdf","data":"JVBERi0x%s"}}\
                """
                    .formatted(base64)))
        .isEqualTo(6_000);
  }

  @Test
  void countsTextInDataMember() {
    Tokens tokens =
        estimate(
            chatOf(
                """
                [{"type":"document","source":{"type":"text","media_type":"text/plain","data":"A plain text, of which the model reads every single word, however it is called."}}]\
                """));

    assertThat(tokens.media()).isZero();
    assertThat(tokens.text()).isBetween(20L, 30L);
  }

  @Test
  void ignoresMembersThatModelsDoNotRead() {
    String bare =
        line("x", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    String dressed =
        line(
            "a-very-long-id-of-a-request-that-nobody-reads-".repeat(9),
            """
            {"messages": [{"content": "Hi", "role": "user"}], "temperature": 0.5, "stop": ["one", "two"],
             "metadata": {"content": "which is for the API alone", "numbers": [1, 2, 3]},
             "user": "somebody with a long name", "model": "m"}\
            """
                .replace("\n", ""));

    assertThat(estimate(dressed)).isEqualTo(estimate(bare)).isEqualTo(new Tokens(8, 0));
  }

  @Test
  void countsMemberNamesOfTools() {
    String plain = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]%s}";
    String tools =
        """
        ,"tools":[{"type":"function","function":{"name":"get_weather","description":"The weather in a city.",
        "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]\
        """
            .replace("\n", "");

    long more =
        estimate(line("x", plain.formatted(tools))).text()
            - estimate(line("x", plain.formatted(""))).text();

    assertThat(more).isBetween(25L, 50L);
  }

  @Test
  void countsTokensGivenByNumber() {
    assertThat(estimate(line("x", "{\"model\":\"m\",\"input\":[[1,22,333],[4, 5]]}")).text())
        .isEqualTo(5);
    assertThat(estimate(line("x", "{\"model\":\"m\",\"input\":[\"one\",\"two\"]}")).text())
        .isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"system, instructions", "prompt, input", "contents, systemInstruction"})
  void countsTextsOfEveryEndpoint(String one, String other) {
    long both =
        estimate(
                line(
                    "x",
                    "{\"%s\":\"Some words\",\"%s\":[{\"parts\":[{\"text\":\"Some words\"}]}]}"
                        .formatted(one, other)))
            .text();

    assertThat(both).isEqualTo(5);
  }

  @Test
  void toleratesInvalidJson() {
    for (String odd :
        new String[] {
          "", "{", "\"", "{\"body\":{\"input\":\"\\", "]]]]", "{\"body\":{\"input\":\"\\u12"
        }) {
      assertThat(estimate(odd).media()).isZero();
    }
  }

  @Test
  void comparesSampleWithTokenizer(@TempDir Path folder) throws IOException {
    String text = sample("english");
    Path file =
        Files.writeString(folder.resolve("part-1.jsonl"), (chat(PLAIN, text) + "\n").repeat(6));
    var part = new PartFile(1, file, "/v1/chat/completions", "m", 6, Files.size(file), Tokens.NONE);

    TokenSample all = TokenSample.of(part, 1, MediaTokens.OPENAI, O200K::countTokensOrdinary);
    TokenSample half = TokenSample.of(part, 2, MediaTokens.OPENAI, O200K::countTokensOrdinary);

    assertThat(all.counted()).isEqualTo(6L * (O200K.countTokensOrdinary(text) + 7));
    assertThat(all.estimated()).isEqualTo(6 * estimate(chat(PLAIN, text)).text());
    assertThat(half.counted() * 2).isEqualTo(all.counted());
  }

  @Test
  void estimatesLongTextLikeItsPieces() throws IOException {
    String text = sample("english") + sample("json");
    long one = estimate(chat(PLAIN, text)).text() - 7;

    assertThat(estimate(chat(PLAIN, text.repeat(100))).text())
        .isCloseTo(100 * one, withinPercentage(3));
    assertThat(estimate(chat(PLAIN, "\\\"".repeat(50_000))).text())
        .as("only escaped marks")
        .isCloseTo(54_000, withinPercentage(1));
  }

  @Test
  void estimatesManyLinesLikeSingleLines() throws IOException {
    var sampled = new SampledTokens(MediaTokens.OPENAI);
    String[] texts = {sample("english"), sample("json"), sample("chinese"), "Short."};
    String picture = picture("data:image/png;base64," + "A".repeat(3_000));
    Tokens some = Tokens.NONE;
    Tokens each = Tokens.NONE;
    for (int i = 0; i < 40_000; i++) {
      String line =
          i % 10 == 0 ? chatOf("[%s]".formatted(picture)) : chat(PLAIN, texts[i % texts.length]);
      byte[] bytes = line.getBytes(UTF_8);
      some = some.plus(sampled.of(bytes, 0, bytes.length));
      each = each.plus(estimate(line));
    }
    assertThat(some.text()).isCloseTo(each.text(), withinPercentage(3));
    assertThat(some.media()).isCloseTo(each.media(), withinPercentage(5));
  }

  private static long media(String content) {
    Tokens tokens = estimate(chatOf("[%s]".formatted(content)));
    assertThat(tokens.text()).as(content).isLessThan(20);
    return tokens.media();
  }

  private static String picture(String url) {
    return "{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}}".formatted(url);
  }

  private static String chat(JsonMapper json, String text) {
    try {
      return json.writeValueAsString(
          Map.of(
              "custom_id",
              "x",
              "body",
              Map.of("messages", new Object[] {Map.of("role", "user", "content", text)})));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String chatOf(String content) {
    return line("x", "{\"messages\":[{\"role\":\"user\",\"content\":%s}]}".formatted(content));
  }

  private static String line(String id, String body) {
    return """
    {"custom_id":"%s","method":"POST","url":"/v1/chat/completions","body":%s}\
    """
        .formatted(id, body);
  }

  private static Tokens estimate(String line) {
    byte[] bytes = ("before" + line + "behind\"").getBytes(UTF_8);
    int length = line.getBytes(UTF_8).length;
    return new TokenEstimate(MediaTokens.OPENAI).of(bytes, "before".length(), length);
  }

  private static String sample(String name) throws IOException {
    try (InputStream in = TokensTest.class.getResourceAsStream("/tokens/" + name + ".txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
    }
  }
}
