package io.caravan.routes;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("thorough")
class OpenAiContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return CountedFake.openai();
  }
}
