package io.caravan.routes;

import java.io.IOException;

/** Gemini with requests inside the calls that create their batches. */
class GeminiInlineContractTest extends GeminiContract {
  GeminiInlineContractTest() throws IOException {
    super(true);
  }
}
