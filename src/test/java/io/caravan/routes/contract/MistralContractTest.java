package io.caravan.routes.contract;

import io.caravan.routes.fake.CountedFake;
import io.caravan.routes.fake.ProviderFake;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("thorough")
class MistralContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return CountedFake.mistral();
  }
}
