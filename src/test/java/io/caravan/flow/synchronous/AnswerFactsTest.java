package io.caravan.flow.synchronous;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerFactsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'usage':{'prompt_tokens':7,'completion_tokens':2,'prompt_tokens_details':{'cached_tokens':3}},'service_tier':'flex'}|7|2|flex",
        "{'usage':{'input_tokens':7,'output_tokens':2},'service_tier':'default'}|7|2|default",
        "{'usage':{'input_tokens':1,'cache_read_input_tokens':4,'cache_creation_input_tokens':2,'output_tokens':2,'service_tier':'standard'}}|7|2|standard",
        "{'usageMetadata':{'promptTokenCount':7,'candidatesTokenCount':1,'thoughtsTokenCount':1}}|7|2|",
        "{'tokenCount':7,'embedding':{'values':[0.5]}}|7|0|"
      })
  void readsTheUsageOfEveryDialect(String body, long input, long output, String tier) {
    AnswerFacts facts = AnswerFacts.read(json(body));

    assertThat(facts).isEqualTo(new AnswerFacts(true, true, input, output, tier));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<html>", "[]", "{'a':", "{} {}", "null"})
  void rejectsWhatIsNoJsonObject(String body) {
    assertThat(AnswerFacts.read(json(body)).json()).isFalse();
  }

  @Test
  void readsLines() {
    byte[] line =
        json(
            "{'id':'1','response':{'body':{'model':'m','usage':{'prompt_tokens':7},'service_tier':'x'}},"
                + "'service_tier':'flex'}");

    assertThat(AnswerFacts.ofLine(line, 0, line.length))
        .isEqualTo(new AnswerFacts(true, true, 7, 0, "flex"));
    assertThat(AnswerFacts.model(line, 0, line.length)).isEqualTo("m");
  }

  private static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(UTF_8);
  }
}
