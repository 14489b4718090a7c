package io.caravan.routes;

import java.io.IOException;

class TogetherContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return CountedFake.together();
  }
}
