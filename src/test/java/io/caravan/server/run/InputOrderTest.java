package io.caravan.server.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.caravan.server.TestServer;
import io.caravan.server.wire.BoundedLineReader;
import io.caravan.server.wire.BoundedLineReader.Line;
import io.caravan.server.wire.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputOrderTest {
  @TempDir private Path folder;

  @Test
  void groupsRequestsByPromptPrefix() throws Exception {
    assertThat(
            order(
                chat("a1", "Be brief."),
                chat("b1", "Be kind."),
                "",
                chat("a2", "Be brief."),
                chat("c1", "Be quick — schnell."),
                chat("b2", "Be kind.")))
        .containsExactly("a1", "a2", "b1", "b2", "c1");
  }

  @Test
  void keepsTheOrderWithoutSystemMessages() throws Exception {
    assertThat(order(TestServer.chat("x"), TestServer.chat("y"), TestServer.chat("z")))
        .containsExactly("x", "y", "z");
  }

  @Test
  void returnsEachBodyUnchanged() throws Exception {
    String line =
        "{\"body\": {\"model\":\"m\", \"n\":1.50, \"messages\":[{\"role\":\"user\",\"content\":\"ä\\u00e4\"}]},"
            + "\"custom_id\":\"q\\\"\", \"method\":\"POST\",\"url\":\"/v1/chat/completions\"}";
    Request request = Request.parse(line.getBytes(UTF_8));

    assertThat(request.customId()).isEqualTo("q\"");
    assertThat(new String(request.body().toByteArray(), UTF_8))
        .isEqualTo(line.substring("{\"body\": ".length(), line.indexOf(",\"custom_id\"")));
  }

  private List<String> order(String... lines) throws Exception {
    Path input = Files.writeString(folder.resolve("in.jsonl"), String.join("\n", lines));
    var check =
        new LineCheck(Endpoint.CHAT_COMPLETIONS, any -> true, problem -> fail(problem.message()));
    var order = new InputOrder.Builder();
    try (var reader = new BoundedLineReader(input, 1_000)) {
      for (Line line = reader.next(); line != null; line = reader.next()) {
        if (!line.blank()) {
          order.add(line, check.check(line));
        }
      }
    }
    List<String> ids = new ArrayList<>();
    try (var reader = new InputReader(input, order.build())) {
      for (Request next = reader.next(); next != null; next = reader.next()) {
        ids.add(next.customId());
      }
    }
    return ids;
  }

  private static String chat(String id, String system) {
    return TestServer.chat(id)
        .replace(
            "\"messages\":[",
            "\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},".formatted(system));
  }
}
