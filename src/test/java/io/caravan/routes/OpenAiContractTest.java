package io.caravan.routes;

import java.io.IOException;

class OpenAiContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return CountedFake.openai();
  }
}
