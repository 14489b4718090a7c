package io.caravan.routes;

import java.io.IOException;

class MistralContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return CountedFake.mistral();
  }
}
