package io.caravan.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.caravan.jsonl.LineProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatToContentsTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String USER = "'messages':[{'role':'user','content':'Hi'}]";

  @Test
  void liftsSystemMessagesAndKeepsImages() {
    assertThat(
            translated(
                """
                {'model':'m','messages':[{'role':'system','content':'A'},
                 {'role':'developer','content':[{'type':'text','text':'B'}]},
                 {'role':'user','content':[{'type':'text','text':'?'},
                  {'type':'image_url','image_url':{'url':'data:image/png;base64,QUJD'}},
                  {'type':'image_url','image_url':{'url':'https://a/b.JPG?x=1'}},
                  {'type':'image_url','image_url':{'url':'https://a/b'}}]}]}
                """))
        .isEqualTo(
            json(
                """
                {'contents':[{'role':'user','parts':[{'text':'?'},
                  {'inlineData':{'mimeType':'image/png','data':'QUJD'}},
                  {'fileData':{'fileUri':'https://a/b.JPG?x=1','mimeType':'image/jpeg'}},
                  {'fileData':{'fileUri':'https://a/b'}}]}],
                 'systemInstruction':{'parts':[{'text':'A'},{'text':'B'}]}}
                """));
  }

  @Test
  void translatesToolsTheirCallsAndTheirResults() {
    assertThat(
            translated(
                """
                {'model':'gemini-2.5-pro','tool_choice':{'type':'function','function':{'name':'f'}},'tools':
                 [{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}],
                 'messages':[{'role':'user','content':'Hi'},{'role':'assistant','content':null,
                  'tool_calls':[{'id':'t1','type':'function','function':{'name':'f','arguments':'{}'}},
                   {'id':'t2','type':'function','function':{'name':'g','arguments':''}}]},
                  {'role':'tool','tool_call_id':'t1','content':'1'},
                  {'role':'tool','tool_call_id':'t2','content':'{\\\\'x\\\\':2}'}]}
                """
                    .replace("\\\\'", "\\\"")))
        .isEqualTo(
            json(
                """
                {'contents':[{'role':'user','parts':[{'text':'Hi'}]},
                  {'role':'model','parts':[{'functionCall':{'name':'f','args':{}}},
                   {'functionCall':{'name':'g','args':{}}}]},
                  {'role':'user','parts':[{'functionResponse':{'name':'f','response':{'result':'1'}}},
                   {'functionResponse':{'name':'g','response':{'x':2}}}]}],
                 'tools':[{'functionDeclarations':[{'name':'f','parametersJsonSchema':{'type':'object'}}]}],
                 'toolConfig':{'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':['f']}}}
                """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'max_tokens':5,'max_completion_tokens':7 | {'maxOutputTokens':7}",
        "'temperature':0.5,'top_p':0.9,'seed':1,'stop':['a','b'] | {'temperature':0.5,'topP':0.9,'seed':1,'stopSequences':['a','b']}",
        "'n':2,'presence_penalty':1,'frequency_penalty':0.5 | {'candidateCount':2,'presencePenalty':1,'frequencyPenalty':0.5}",
        "'response_format':{'type':'json_schema','json_schema':{'schema':{'type':'object'}}} | {'responseMimeType':'application/json','responseJsonSchema':{'type':'object'}}",
        "'model':'gemini-2.5-flash','reasoning_effort':'low' | {'thinkingConfig':{'thinkingBudget':1024}}",
        "'model':'gemini-3-pro','reasoning_effort':'low' | {'thinkingConfig':{'thinkingLevel':'LOW'}}"
      })
  void translatesParameters(String parameters, String config) {
    assertThat(translated("{" + parameters + "," + USER + "}").path("generationConfig"))
        .isEqualTo(json(config));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logit_bias | {}",
        "logprobs | true",
        "user | \"u\"",
        "parallel_tool_calls | false",
        "max_tokens | 0",
        "stream | true",
        "reasoning_effort | \"most\"",
        "tools | [{\"type\":\"web_search\"}]",
        "response_format | {\"type\":\"grammar\"}"
      })
  void refusesWhatHasNoCounterpart(String name, String value) {
    assertThatThrownBy(
            () -> translated("{'model':'gemini-3','%s':%s,%s}".formatted(name, value, USER)))
        .isInstanceOfSatisfying(
            UntranslatableException.class, e -> assertThat(e.param()).isEqualTo("body." + name));
  }

  @Test
  void refusesTheResultOfACallThatIsNotThere() {
    assertThatThrownBy(
            () -> translated("{'messages':[{'role':'tool','tool_call_id':'t','content':'1'}]}"))
        .hasMessageContaining("not in it");
  }

  @Test
  void tellsWhyThereIsNoAnswer() {
    var to = new ContentToChat("m", 1, false, false, false);

    JsonNode blocked =
        to.line("a", json("{'response':{'promptFeedback':{'blockReason':'SAFETY'}}}"));
    assertThat(blocked.at("/response/status_code").asInt()).isEqualTo(400);
    assertThat(blocked.at("/response/body/error/code").asText()).isEqualTo("content_filter");
    JsonNode busy = to.line("a", json("{'error':{'code':8,'message':'later'}}"));
    assertThat(busy.at("/response/status_code").asInt()).isEqualTo(429);
    JsonNode cut =
        to.line(
            "a",
            json(
                "{'response':{'candidates':[{'finishReason':'MALFORMED_FUNCTION_CALL'},{'index':1,'finishReason':'MAX_TOKENS','content':{'parts':[{'functionCall':{'name':'f','args':{'x':1}}}]}}]}}"));
    assertThat(cut.at("/response/body/choices/0/native_finish_reason").asText())
        .isEqualTo("MALFORMED_FUNCTION_CALL");
    assertThat(cut.at("/response/body/choices/1/finish_reason").asText()).isEqualTo("length");
    assertThat(cut.at("/response/body/choices/1/message/tool_calls/0/function/arguments").asText())
        .isEqualTo("{\"x\":1}");
  }

  @Test
  void bringsTheSignaturesOfThoughtsToTheNextTurn() {
    JsonNode line =
        new ContentToChat("gemini-3-pro", 7, false, false, false)
            .line(
                "a",
                json(
                    "{'response':{'candidates':[{'finishReason':'STOP','content':{'parts':[{'functionCall':{'name':'f','args':{}},'thoughtSignature':'c2ln'},{'functionCall':{'name':'g','args':{}}}]}}]}}"));
    JsonNode answer = line.at("/response/body/choices/0/message");
    assertThat(answer.at("/tool_calls/0/extra_content/google/thought_signature").asText())
        .isEqualTo("c2ln");
    assertThat(answer.at("/tool_calls/1").has("extra_content")).isFalse();

    String chat = "{'model':'gemini-3-pro'," + USER.replace("]", ",%s]}");
    assertThat(translated(chat.formatted(answer)).at("/contents/1/parts/0/thoughtSignature"))
        .isEqualTo(TextNode.valueOf("c2ln"));
    String foreign =
        "{'role':'assistant','tool_calls':[{'id':'1','type':'function','function':{'name':'f','arguments':'{}'}},{'id':'2','type':'function','function':{'name':'f','arguments':'{}'}}]}";
    JsonNode parts = translated(chat.formatted(foreign)).at("/contents/1/parts");
    assertThat(parts.at("/0/thoughtSignature").asText())
        .isEqualTo("skip_thought_signature_validator");
    assertThat(parts.path(1).has("thoughtSignature")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "gemini-2.5-flash, true",
    "models/gemini-2.5-flash-lite, true",
    "../files/x, false",
    "a/../../b, false",
    "m?key=x, false",
    "m:generateContent, false",
    "m%2F, false"
  })
  void takesOnlyNamesThatFitIntoAPath(String model, boolean taken) {
    byte[] line =
        json("{'url':'/v1/chat/completions','body':{'model':'%s',%s}}".formatted(model, USER))
            .toString()
            .getBytes(UTF_8);

    LineProblem problem = GeminiRequests.problem(line, 0, line.length);

    assertThat(problem == null).isEqualTo(taken);
  }

  private static JsonNode translated(String body) {
    return ChatToContents.translate(json(body));
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(text, e);
    }
  }
}
