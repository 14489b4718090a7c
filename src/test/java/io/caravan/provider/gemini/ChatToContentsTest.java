package io.caravan.provider.gemini;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.caravan.jsonl.LineProblem;
import io.caravan.provider.UntranslatableException;
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'image_url','image_url':{'url':'data:image/jpg;base64,QUJD'} | {'inlineData':{'mimeType':'image/jpeg','data':'QUJD'}}",
        "'image_url','image_url':{'url':'DATA:image/HEIC;x=y;base64,QU JD'} | {'inlineData':{'mimeType':'image/heic','data':'QUJD'}}",
        "'image_url','image_url':{'url':'https://a/b','format':'image/webp'} | {'fileData':{'fileUri':'https://a/b','mimeType':'image/webp'}}",
        "'video_url','video_url':{'url':'https://youtu.be/x'} | {'fileData':{'fileUri':'https://youtu.be/x'}}",
        "'video_url','video_url':{'url':'https://a/b.mp4?t=1'} | {'fileData':{'fileUri':'https://a/b.mp4?t=1','mimeType':'video/mp4'}}",
        "'video_url','video_url':{'url':'data:video/quicktime;base64,QUJD'} | {'inlineData':{'mimeType':'video/mov','data':'QUJD'}}",
        "'audio_url','audio_url':{'url':'https://a/b.flac'} | {'fileData':{'fileUri':'https://a/b.flac','mimeType':'audio/flac'}}",
        "'input_audio','input_audio':{'data':'QUJD','format':'mp3'} | {'inlineData':{'mimeType':'audio/mp3','data':'QUJD'}}",
        "'input_audio','input_audio':{'data':'https://a/b','format':'wav'} | {'fileData':{'fileUri':'https://a/b','mimeType':'audio/wav'}}",
        "'file','file':{'filename':'a.pdf','file_data':'QUJD'} | {'inlineData':{'mimeType':'application/pdf','data':'QUJD'}}",
        "'file','file':{'file_data':'data:text/plain;charset=utf-8;base64,QUJD'} | {'inlineData':{'mimeType':'text/plain','data':'QUJD'}}",
        "'file','file':{'file_url':'https://a/b.pdf'} | {'fileData':{'fileUri':'https://a/b.pdf','mimeType':'application/pdf'}}",
        "'file','file':{'file_id':'https://generativelanguage.googleapis.com/v1beta/files/x'} | {'fileData':{'fileUri':'https://generativelanguage.googleapis.com/v1beta/files/x'}}",
        "'file','file':{'file_id':'gs://a/b.csv'} | {'fileData':{'fileUri':'gs://a/b.csv','mimeType':'text/csv'}}"
      })
  void keepsImagesVideoAudioAndFiles(String part, String translated) {
    assertThat(
            translated(
                    "{'model':'m','messages':[{'role':'user','content':[{'type':%s}]}]}"
                        .formatted(part))
                .at("/contents/0/parts/0"))
        .isEqualTo(json(translated));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'image_url','image_url':{'url':'data:image/gif;base64,QUJD'} | image/gif",
        "'image_url','image_url':{'url':'b.png'} | whose url is not valid",
        "'input_audio','input_audio':{'data':'QUJD'} | unknown",
        "'file','file':{'filename':'a.docx','file_data':'QUJD'} | unknown",
        "'file','file':{'file_id':'file-1'} | by its id",
        "'hologram','hologram':1 | hologram"
      })
  void rejectsUnsupportedContent(String part, String reason) {
    assertThatThrownBy(() ->
            translated(
                "{'model':'m','messages':[{'role':'user','content':[{'type':%s}]}]}"
                    .formatted(part)))
        .isInstanceOf(UntranslatableException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void keepsAllDigitsInToolArgumentsAndResults() {
    String turns =
        "{'role':'user','content':'Hi'},{'role':'assistant','tool_calls':[{'id':'t','type':'function','function':{'name':'f','arguments':'{^x^:1.10}'}}]},{'role':'tool','tool_call_id':'t','content':'{^y^:1e400}'}"
            .replace("^", "\\'");
    JsonNode contents =
        translated("{'model':'m','messages':[%s]}".formatted(turns).replace("\\'", "\\\""))
            .path("contents");

    assertThat(contents.at("/1/parts/0/functionCall/args")).hasToString("{\"x\":1.10}");
    assertThat(contents.at("/2/parts/0/functionResponse/response")).hasToString("{\"y\":1e400}");
  }

  @Test
  void translatesToolsCallsAndResults() {
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
      quoteCharacter = '~',
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
  void rejectsUnsupportedParameters(String name, String value) {
    assertThatThrownBy(
            () -> translated("{'model':'gemini-3','%s':%s,%s}".formatted(name, value, USER)))
        .isInstanceOfSatisfying(
            UntranslatableException.class, e -> assertThat(e.param()).isEqualTo("body." + name));
  }

  @Test
  void rejectsToolResultWithoutCall() {
    assertThatThrownBy(
            () -> translated("{'messages':[{'role':'tool','tool_call_id':'t','content':'1'}]}"))
        .hasMessageContaining("not in it");
  }

  @Test
  void reportsWhyAnAnswerIsMissing() {
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

  /** Gemini sometimes returns no candidates without a reason. */
  @Test
  void reportsOnlyBlockedPromptsAsBlocked() {
    var to = new ContentToChat("m", 1, false, false, false);

    JsonNode empty =
        to.line("a", json("{'response':{'usageMetadata':{'promptTokenCount':3}}}"))
            .path("response");
    assertThat(empty.path("status_code").asInt()).isEqualTo(502);
    assertThat(empty.at("/body/error/message").asText()).isEqualTo("the answer has no content");
    assertThat(empty.at("/body/error/code").asText()).isEqualTo("no_content");
    assertThat(empty.at("/body/error/details/usageMetadata/promptTokenCount").asInt()).isEqualTo(3);
    JsonNode blocked =
        to.line(
                "a",
                json(
                    "{'response':{'promptFeedback':{'blockReason':'OTHER','blockReasonMessage':'No.','safetyRatings':[{'category':'X'}]}}}"))
            .path("response");
    assertThat(blocked.path("status_code").asInt()).isEqualTo(400);
    assertThat(blocked.at("/body/error/message").asText())
        .isEqualTo("the prompt was blocked: OTHER: No.");
    assertThat(blocked.at("/body/error/details/safetyRatings/0/category").asText()).isEqualTo("X");
    JsonNode vector =
        new ContentToChat("m", 1, true, false, false)
            .line("a", json("{'response':{'tokenCount':3}}"))
            .path("response");
    assertThat(vector.path("status_code").asInt()).isEqualTo(502);
  }

  @Test
  void keepsImagesAndCodeInAnswers() {
    JsonNode message =
        choice(
                "'finishReason':'STOP','content':{'parts':[{'text':'See'},{'inlineData':{'mimeType':'image/png','data':'QUJD'}},{'executableCode':{'language':'PYTHON','code':'1+1'}},{'codeExecutionResult':{'outcome':'OUTCOME_OK','output':'2'}},{'inlineData':{'mimeType':'audio/L16','data':'QUJD'}},{'text':'hm','thought':true}]}")
            .path("message");

    assertThat(message.path("content").asText()).isEqualTo("See");
    assertThat(message.path("images"))
        .isEqualTo(
            json(
                "[{'type':'image_url','index':0,'image_url':{'url':'data:image/png;base64,QUJD'}}]"));
    assertThat(message.at("/extra_content/google/parts"))
        .isEqualTo(
            json(
                "[{'executableCode':{'language':'PYTHON','code':'1+1'}},{'codeExecutionResult':{'outcome':'OUTCOME_OK','output':'2'}},{'inlineData':{'mimeType':'audio/L16','data':'QUJD'}}]"));
  }

  @Test
  void keepsFinishReasons() {
    JsonNode filtered =
        choice(
            "'finishReason':'SAFETY','finishMessage':'Not that.','safetyRatings':[{'category':'X','blocked':true}]");
    assertThat(filtered.path("finish_reason").asText()).isEqualTo("content_filter");
    assertThat(filtered.path("native_finish_reason").asText()).isEqualTo("SAFETY");
    assertThat(filtered.at("/native_finish_details/safetyRatings/0/category").asText())
        .isEqualTo("X");
    assertThat(filtered.at("/message/refusal").asText()).isEqualTo("Not that.");
    JsonNode unknown = choice("'finishReason':'TIRED'");
    assertThat(unknown.path("finish_reason").asText()).isEqualTo("stop");
    assertThat(unknown.path("native_finish_reason").asText()).isEqualTo("TIRED");
    assertThat(choice("'finishReason':'STOP'").has("native_finish_reason")).isFalse();
  }

  private static JsonNode choice(String candidate) {
    return new ContentToChat("m", 1, false, false, false)
        .line("a", json("{'response':{'candidates':[{%s}]}}".formatted(candidate)))
        .at("/response/body/choices/0");
  }

  @Test
  void returnsThoughtSignaturesInTheNextTurn() {
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
  void acceptsOnlyModelNamesValidInAPath(String model, boolean taken) {
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
