package io.caravan.routes;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("thorough")
class AzureContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return CountedFake.azure();
  }
}
