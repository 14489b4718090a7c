package io.caravan.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatMessageTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'role':'user','content':'Hi'} | ~~",
        "{'role':'assistant','content':'Hi','refusal':null,'annotations':[],'audio':null} | ~~",
        "{'role':'assistant','content':null,'tool_calls':[{}],'provider':{}} | ~~",
        "{'role':'user','content':'Hi','name':'Jo'} | name",
        "{'role':'assistant','refusal':'No.'} | refusal",
        "{'role':'assistant','annotations':[{}]} | annotations"
      })
  void reportsUntranslatableMembers(String message, String name) throws JsonProcessingException {
    assertThat(
            ChatMessage.untranslatable(new JsonMapper().readTree(message.replace('\'', '"')))
                .orElse(""))
        .isEqualTo(name);
  }
}
