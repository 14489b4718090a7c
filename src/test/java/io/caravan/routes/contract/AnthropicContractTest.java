package io.caravan.routes.contract;

import io.caravan.routes.fake.FakeAnthropic;
import io.caravan.routes.fake.ProviderFake;
import java.io.IOException;

class AnthropicContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return new FakeAnthropic();
  }
}
