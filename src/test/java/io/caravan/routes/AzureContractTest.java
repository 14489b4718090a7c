package io.caravan.routes;

import java.io.IOException;

class AzureContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return CountedFake.azure();
  }
}
