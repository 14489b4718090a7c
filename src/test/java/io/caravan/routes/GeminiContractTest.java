package io.caravan.routes;

import java.io.IOException;

/** Tests Gemini with requests in files. */
class GeminiContractTest extends GeminiContract {
  GeminiContractTest() throws IOException {
    super(false);
  }
}
