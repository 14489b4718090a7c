package io.caravan.routes;

import java.io.IOException;

class AnthropicContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return new FakeAnthropic();
  }
}
