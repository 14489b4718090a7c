package io.caravan.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class ChatToMessagesTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String USER = "{'role':'user','content':'Hi'}";

  @Test
  void liftsSystemMessagesAndKeepsImages() {
    assertThat(
            translated(
                "{'model':'m','max_tokens':5,'stop':'x','messages':[{'role':'system','content':'A'},"
                    + "{'role':'developer','content':[{'type':'text','text':'B'}]},"
                    + "{'role':'user','content':[{'type':'text','text':'?'},"
                    + "{'type':'image_url','image_url':{'url':'data:image/png;base64,QUJD'}},"
                    + "{'type':'image_url','image_url':{'url':'https://a/b.png'}}]}]}"))
        .isEqualTo(
            json(
                "{'model':'m','max_tokens':5,'stop_sequences':['x'],'system':'A\\n\\nB','messages':["
                    + "{'role':'user','content':[{'type':'text','text':'?'},{'type':'image','source':"
                    + "{'type':'base64','media_type':'image/png','data':'QUJD'}},"
                    + "{'type':'image','source':{'type':'url','url':'https://a/b.png'}}]}]}"));
  }

  @Test
  void translatesToolsTheirCallsAndTheirResults() {
    assertThat(
            translated(
                "{'model':'m','parallel_tool_calls':false,'tool_choice':'required','tools':"
                    + "[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}],"
                    + "'messages':[{'role':'assistant','content':null,'tool_calls':[{'id':'t1',"
                    + "'type':'function','function':{'name':'f','arguments':'{}'}}]},"
                    + "{'role':'tool','tool_call_id':'t1','content':'1'},"
                    + "{'role':'tool','tool_call_id':'t2','content':'2'}]}"))
        .isEqualTo(
            json(
                "{'model':'m','max_tokens':7,'tools':[{'name':'f','input_schema':{'type':'object'}}],"
                    + "'messages':[{'role':'assistant','content':"
                    + "[{'type':'tool_use','id':'t1','name':'f','input':{}}]},{'role':'user','content':["
                    + "{'type':'tool_result','tool_use_id':'t1','content':'1'},"
                    + "{'type':'tool_result','tool_use_id':'t2','content':'2'}]}],"
                    + "'tool_choice':{'type':'any','disable_parallel_tool_use':true}}"));
  }

  @Test
  void asksForJsonAfterASchema() {
    JsonNode params =
        translated(
            "{'model':'m','response_format':{'type':'json_schema','json_schema':{'name':'x',"
                + "'schema':{'type':'object'}}},'messages':["
                + USER
                + "]}");

    assertThat(params.at("/output_config/format"))
        .isEqualTo(json("{'type':'json_schema','schema':{'type':'object'}}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'n':2 | body.n",
        "'logprobs':true | body.logprobs",
        "'temperature':0.2 | body.temperature",
        "'seed':1 | body.seed",
        "'response_format':{'type':'json_object'} | body.response_format",
        "'max_tokens':0 | body.max_tokens",
        "'tools':[{'type':'custom'}] | body.tools"
      })
  void refusesWhatHasNoCounterpart(String member, String param) {
    assertThatThrownBy(() -> translated("{'model':'m','messages':[%s],%s}".formatted(USER, member)))
        .isInstanceOfSatisfying(
            UntranslatableException.class, e -> assertThat(e.param()).isEqualTo(param));
  }

  @Test
  void takesWhatSaysNothing() {
    String quiet = "'n':1,'logprobs':false,'seed':null,'presence_penalty':0,'stream':false";

    assertThat(translated("{'model':'m','messages':[%s],%s}".formatted(USER, quiet)).size())
        .isEqualTo(3);
  }

  private static JsonNode translated(String body) {
    return ChatToMessages.translate(json(body), PROVIDER);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static final Provider PROVIDER =
      new Provider(
          "anthropic",
          URI.create("http://127.0.0.1:1"),
          "",
          "",
          true,
          "",
          "",
          Set.of("/v1/chat/completions"),
          1,
          DataSize.ofMegabytes(1),
          1,
          1,
          Duration.ZERO,
          "x-api-key",
          "2026-10-21",
          7,
          false,
          DataSize.ofBytes(0),
          Quirks.NONE,
          Map.of());
}
