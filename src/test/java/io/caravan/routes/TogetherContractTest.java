package io.caravan.routes;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("thorough")
class TogetherContractTest extends ProviderContract {
  @Override
  ProviderFake provider() throws IOException {
    return CountedFake.together();
  }
}
