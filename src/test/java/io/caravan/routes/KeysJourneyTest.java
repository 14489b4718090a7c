package io.caravan.routes;

import static io.caravan.routes.Line.embedding;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded server asks for keys, and Caravan's own pipelines need none to be set. */
class KeysJourneyTest {
  @Test
  void aFilePassesAServerWithKeys(@TempDir Path folder) throws IOException {
    try (var caravan =
        TestCaravan.in(folder).with("caravan.server.keys.alice", "0".repeat(64)).start()) {
      caravan.drop("good.jsonl", embedding("a", "A kettle."), embedding("b", "A pan."));

      caravan.awaitReport("good").counts(2, 2, 0);
      assertThat(caravan.ask("/v1/batches")).contains("invalid_api_key");
    }
  }

  @Test
  void aBatchUnderWayIsFoundAgainWhenKeysAreSet(@TempDir Path folder) throws IOException {
    try (var upstream = new Upstream();
        var caravan = TestCaravan.in(folder).with("caravan.upstream.url", upstream.url())) {
      upstream.hold();
      caravan.start().drop("waits.jsonl", Line.chats("waits", 2));
      await().until(() -> upstream.heard() > 0);
      caravan.stop();

      upstream.letGo();
      caravan.with("caravan.server.keys.alice", "0".repeat(64)).start();

      caravan.awaitReport("waits").counts(2, 2, 0);
    }
  }
}
