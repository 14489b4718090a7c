package io.caravan.jsonl.settle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTableTest {

  /** Text, finish reason and tokens in each dialect; tool calls take the place of text. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'choices':[{'message':{'content':'Hi'},'finish_reason':'stop'}],'usage':{'prompt_tokens':3,'completion_tokens':4}} | Hi,stop,3,4",
        "{'output':[{'type':'reasoning'},{'content':[{'text':'Hi'}]}],'status':'completed','usage':{'input_tokens':3,'output_tokens':4}} | Hi,completed,3,4",
        "{'content':[{'type':'text','text':'Hi'}],'stop_reason':'end_turn','usage':{'input_tokens':3,'output_tokens':4}} | Hi,end_turn,3,4",
        "{'candidates':[{'content':{'parts':[{'text':'so','thought':true},{'text':'Hi'}]},'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':3,'candidatesTokenCount':4}} | Hi,STOP,3,4",
        "{'choices':[{'text':'Hi','finish_reason':'length'}]} | Hi,length,,",
        "{'data':[{'embedding':[0.5,-1]}],'usage':{'prompt_tokens':3}} | ~\"[0.5,-1]\"~,,3,",
        "{'choices':[{'message':{'content':null,'tool_calls':[1]},'finish_reason':'tool_calls'}]} | [1],tool_calls,,"
      })
  void extractsAnswersOfEveryDialect(String body, String cells) throws IOException {
    String line = "{'custom_id':'a','response':{'status_code':200,'body':%s}}".formatted(body);

    assertThat(table(false, List.of(), line))
        .isEqualTo(
            "custom_id,text,finish_reason,prompt_tokens,completion_tokens\r\na,"
                + cells.replace("~", "")
                + "\r\n");
  }

  @Test
  void writesErrorsWithAndWithoutResponse() throws IOException {
    String refused =
        "{'custom_id':'a','response':{'status_code':429,'body':{'error':{'code':null,'type':'busy','message':'Later, please'}}},'error':null}";
    String expired =
        "{'custom_id':'b','response':null,'error':{'code':'batch_expired','message':'Too late'}}";

    assertThat(table(true, List.of(), refused, expired))
        .isEqualTo(
            "custom_id,status_code,code,message\r\na,429,busy,\"Later, please\"\r\nb,,batch_expired,Too late\r\n");
  }

  @Test
  void writesCarriedColumnsAndEscapesFormulas() throws IOException {
    String line =
        "{'custom_id':'=1','metadata':{'x':'-2.5','n':12345678901234567890.10,'y':'@SUM(A1)'},'response':{'body':{'choices':[{'message':{'content':'=cmd()\\n\\u00e4'}}]}}}";

    assertThat(table(false, List.of("x", "n", "y", "z"), line))
        .endsWith("\r\n'=1,-2.5,12345678901234567890.10,'@SUM(A1),,\"'=cmd()\nä\",,,\r\n");
  }

  private static String table(boolean errors, List<String> carried, String... lines)
      throws IOException {
    byte[] text = String.join("\n", lines).replace('\'', '"').getBytes(UTF_8);
    var out = new StringWriter();
    new AnswerTable(carried, errors).write(new ByteArrayInputStream(text), out);
    return out.toString();
  }
}
