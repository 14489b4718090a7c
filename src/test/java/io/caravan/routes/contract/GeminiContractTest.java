package io.caravan.routes.contract;

import java.io.IOException;

/** Tests Gemini with requests in files. */
class GeminiContractTest extends GeminiContract {
  GeminiContractTest() throws IOException {
    super(false);
  }
}
