package io.caravan.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.provider.Provider;
import io.caravan.provider.Quirks;
import io.caravan.provider.Synchronous;
import io.caravan.provider.UntranslatableException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

public class ChatToMessagesTest {
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "data:image/jpg;base64,QUJD | {'type':'base64','media_type':'image/jpeg','data':'QUJD'}",
        "data:image/png;charset=utf-8;base64,QUJD | {'type':'base64','media_type':'image/png','data':'QUJD'}",
        "DATA:IMAGE/GIF;BASE64,QUJD | {'type':'base64','media_type':'image/gif','data':'QUJD'}",
        "data:image/webp;base64,QU\\n JD | {'type':'base64','media_type':'image/webp','data':'QUJD'}",
        "data:image/png;base64,-_%2B%2f%3D | {'type':'base64','media_type':'image/png','data':'+/+/='}",
        "HTTPS://a/b | {'type':'url','url':'HTTPS://a/b'}"
      })
  void normalisesImageUrls(String url, String source) {
    assertThat(
            translated(with("{'type':'image_url','image_url':{'url':'%s'}}".formatted(url)))
                .at("/messages/0/content/0"))
        .isEqualTo(json("{'type':'image','source':%s}".formatted(source)));
    assertThat(
            translated(with("{'type':'image_url','image_url':'%s'}".formatted(url)))
                .at("/messages/0/content/0/source"))
        .isEqualTo(json(source));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'type':'file','file':{'filename':'a.pdf','file_data':'data:application/pdf;base64,QUJD'}} | {'type':'base64','media_type':'application/pdf','data':'QUJD'}",
        "{'type':'file','file':{'filename':'a.PDF','file_data':'QUJD'}} | {'type':'base64','media_type':'application/pdf','data':'QUJD'}",
        "{'type':'file','file':{'file_id':'https://a/b'}} | {'type':'url','url':'https://a/b'}"
      })
  void keepsDocuments(String part, String source) {
    assertThat(translated(with(part)).at("/messages/0/content/0"))
        .isEqualTo(json("{'type':'document','source':%s}".formatted(source)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'image_url':{'url':'data:image/bmp;base64,QUJD'} | image/bmp",
        "'image_url':{'url':'data:;base64,QUJD'} | image/png",
        "'image_url':{'url':'data:;;'} | base64",
        "'image_url':{'url':'data:image/png,QUJD'} | base64",
        "'image_url':{'url':'data:image/png;base64,%5G'} | base64",
        "'image_url':{'url':'data:image/png;base64,?'} | base64",
        "'image_url':{'url':'data:image/png;base64, '} | without its content",
        "'image_url':{'url':null} | without its content",
        "'image_url':{'url':'ftp://a/b.png'} | whose url is not valid",
        "'image_url':{'url':'gs://a/b.png'} | does not take",
        "'type':'video_url','video_url':{'url':'https://youtu.be/x'} | does not take",
        "'type':'input_audio','input_audio':{'data':'QUJD','format':'wav'} | audio/wav",
        "'type':'file','file':{'file_id':'file-1'} | by its id",
        "'type':'file','file':{'file_data':null} | without its content",
        "'type':'hologram' | hologram"
      })
  void rejectsUnsupportedContent(String part, String reason) {
    String whole = part.startsWith("'type'") ? part : "'type':'image_url'," + part;

    assertThatThrownBy(() -> translated(with("{%s}".formatted(whole))))
        .isInstanceOf(UntranslatableException.class)
        .hasMessageContaining(reason);
  }

  private static String with(String part) {
    return "{'model':'m','messages':[{'role':'user','content':[%s]}]}".formatted(part);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "['a',null,'','b\\n'] | ['a','b\\n']",
        "'x' | ['x']",
        "[] | null",
        "'' | null",
        "[''] | null",
      })
  void dropsBlankStopSequences(String stop, String sequences) {
    String body = "{'model':'m','messages':[%s],'stop':%s}".formatted(USER, stop);

    assertThat(translated(body).path("stop_sequences"))
        .isEqualTo(sequences.equals("null") ? JSON.missingNode() : json(sequences));
  }

  @Test
  void keepsAllDigitsInToolArguments() {
    String call =
        "{'role':'assistant','tool_calls':[{'id':'t','type':'function','function':{'name':'f','arguments':'{\\'x\\':[1.10,1e400,12345678901234567890.12345678901234567890]}'}}]}"
            .replace("\\'", "\\\"");

    assertThat(
            translated("{'model':'m','messages':[%s,%s]}".formatted(USER, call))
                .at("/messages/1/content/0/input"))
        .hasToString("{\"x\":[1.10,1e400,12345678901234567890.12345678901234567890]}");
  }

  @Test
  void keepsReasonOfRefusal() {
    JsonNode choice =
        answered(
            "'stop_reason':'refusal','stop_details':{'type':'refusal','category':'cyber','explanation':'Not that.'},'content':[]");

    assertThat(choice.path("finish_reason").asText()).isEqualTo("content_filter");
    assertThat(choice.path("native_finish_reason").asText()).isEqualTo("refusal");
    assertThat(choice.at("/native_finish_details/category").asText()).isEqualTo("cyber");
    assertThat(choice.at("/message/refusal").asText()).isEqualTo("Not that.");
  }

  @Test
  void keepsFinishReasonsUnknownToOpenAi() {
    JsonNode choice =
        answered(
            "'stop_reason':'meditating','content':[{'type':'thinking','thinking':'hm'},{'type':'text','text':'Hi'},{'type':'server_tool_use','name':'web_search'}]");

    assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
    assertThat(choice.path("native_finish_reason").asText()).isEqualTo("meditating");
    assertThat(choice.at("/message/content").asText()).isEqualTo("Hi");
    assertThat(choice.at("/message/extra_content/anthropic/parts"))
        .isEqualTo(json("[{'type':'server_tool_use','name':'web_search'}]"));
    assertThat(choice.at("/message/refusal").isNull()).isTrue();
    assertThat(answered("'stop_reason':'end_turn'").has("native_finish_reason")).isFalse();
  }

  private static JsonNode answered(String message) {
    return new MessageToChat(1, false, false)
        .line("a", json("{'type':'succeeded','message':{%s}}".formatted(message)))
        .at("/response/body/choices/0");
  }

  @Test
  void translatesToolsCallsAndResults() {
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
  void translatesJsonSchema() {
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
        "'stop':' ' | body.stop",
        "'stop':['a','\\n\\n'] | body.stop",
        "'stop':[5] | body.stop",
        "'tools':[{'type':'custom'}] | body.tools"
      })
  void rejectsUnsupportedParameters(String member, String param) {
    assertThatThrownBy(() -> translated("{'model':'m','messages':[%s],%s}".formatted(USER, member)))
        .isInstanceOfSatisfying(
            UntranslatableException.class, e -> assertThat(e.param()).isEqualTo(param));
  }

  @Test
  void acceptsParametersWithoutEffect() {
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

  public static final Provider PROVIDER =
      new Provider(
          "anthropic",
          URI.create("http://127.0.0.1:1"),
          "",
          "",
          "optional",
          null,
          "",
          "",
          "",
          Set.of("/v1/chat/completions"),
          1,
          DataSize.ofMegabytes(1),
          1,
          1,
          null,
          Duration.ZERO,
          "x-api-key",
          "2026-10-21",
          7,
          false,
          DataSize.ofBytes(0),
          Quirks.NONE,
          Synchronous.PLAIN,
          Map.of());
}
