package io.caravan.server.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.server.TestServer;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.BackendAnswer.Answered;
import io.caravan.server.wire.JsonBytes;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JoinedEmbeddingsTest {

  @Test
  void joinsRequestsThatDifferOnlyInTheirTexts() {
    List<JoinedEmbeddings> all =
        joined(
            "{'model':'m','input':'a'}",
            "{'model':'m','input':['b','c']}",
            "{'model':'m','input':'d','dimensions':8}",
            "{'input':'e','model':'m'}");

    assertThat(all).extracting(JoinedEmbeddings::size).containsExactly(3, 1);
    assertThat(all.getFirst().body().toTree().path("input"))
        .extracting(JsonNode::asText)
        .containsExactly("a", "b", "c", "e");
  }

  @Test
  void doesNotJoinTokensOrInvalidInputs() {
    assertThat(
            joined(
                "{'input':[1,2]}",
                "{'input':[[1]]}",
                "{'input':7}",
                "{'input':[]}",
                "{'x':1}",
                "{'input':{'a':'x'}}",
                "{'input':{'a':'x'}}"))
        .extracting(JoinedEmbeddings::size)
        .containsExactly(1, 1, 1, 1, 1, 1, 1);
  }

  /** Half a surrogate pair cannot be written as UTF-8. */
  @Test
  void doesNotJoinHalfSurrogatePairs() {
    String half = "{\"input\":\"\\ud83d\"}";
    var request = new Request("a", JsonBytes.parse(half.getBytes(UTF_8)).orElseThrow());

    List<JoinedEmbeddings> all = JoinedEmbeddings.of(List.of(request, request));

    assertThat(all)
        .extracting(joined -> new String(joined.body().toByteArray(), UTF_8))
        .containsExactly(half, half);
  }

  @Test
  void splitsVectorsAndTokensByRequest() {
    JoinedEmbeddings joined =
        joined("{'input':'aaaa'}", "{'input':['bb','bb']}", "{'input':'cc'}").getFirst();

    List<BackendAnswer> answers =
        joined.split(
            answer(
                """
                {'object':'list','model':'m','data':[{'index':0,'embedding':[0]},{'index':1,'embedding':[1]},
                {'index':2,'embedding':[2]},{'index':3,'embedding':[3]}],'usage':{'prompt_tokens':11,'total_tokens':11}}\
                """));

    assertThat(answers).hasSize(3);
    JsonNode second = body(answers.get(1));
    assertThat(second.at("/data/1/embedding/0").asInt()).isEqualTo(2);
    assertThat(second.at("/data/1/index").asInt()).isEqualTo(1);
    assertThat(second.path("object").asText()).isEqualTo("list");
    assertThat(answers.stream().mapToInt(a -> body(a).at("/usage/prompt_tokens").asInt()).sum())
        .isEqualTo(11);
  }

  @Test
  void rejectsVectorsThatDoNotMatchTheTexts() {
    JoinedEmbeddings joined = joined("{'input':'a'}", "{'input':'b'}").getFirst();

    assertThat(joined.split(answer("{'data':[{'index':0}]}"))).isEmpty();
    assertThat(joined.split(answer("{'data':[{'index':1},{'index':0}]}"))).isEmpty();
    assertThat(joined.split(answer("{'text':'no'}"))).isEmpty();
  }

  private static List<JoinedEmbeddings> joined(String... bodies) {
    return JoinedEmbeddings.of(
        Stream.of(bodies).map(body -> new Request(body, json(body))).toList());
  }

  private static BackendAnswer answer(String body) {
    return new Answered(200, "req_1", json(body));
  }

  private static JsonBytes json(String text) {
    return JsonBytes.of(TestServer.json(text.replace('\'', '"')));
  }

  private static JsonNode body(BackendAnswer answer) {
    return ((Answered) answer).body().toTree();
  }
}
