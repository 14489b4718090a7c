package io.caravan.routes.contract;

import static io.caravan.routes.Line.chats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.fake.Fault;
import io.caravan.routes.fake.ProviderFake.Step;
import java.io.IOException;
import java.util.Collections;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.system.CapturedOutput;

/** Tests Gemini with requests inside the create call. */
@Tag("thorough")
class GeminiInlineContractTest extends GeminiContract {
  GeminiInlineContractTest() throws IOException {
    super(true);
  }

  @Test
  void waitsForTheKeyOfAnUnclearCreate(CapturedOutput output) throws IOException {
    gemini.next(Step.CREATE, Fault.doneBut(500));
    gemini.next(
        Step.LIST, Collections.nCopies(100, Fault.refused(503, "{}")).toArray(Fault[]::new));
    caravan().drop("unclear.jsonl", chats("unclear", 2));
    await("its batch").until(() -> gemini.created("unclear 1") == 1);

    caravan().stop();
    gemini.mend();
    caravan().with("caravan.providers.gemini.api-key", "another-key-0123456789").start();
    await("a log line").until(() -> output.getAll().contains("was sent with another key"));
    caravan().stop();
    caravan().with("caravan.providers.gemini.api-key", KEY).start();

    caravan().awaitReport("unclear").counts(2, 2, 0);
    assertThat(gemini.created("unclear 1")).isEqualTo(1);
  }
}
