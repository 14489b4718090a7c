package io.caravan.architecture.bad.server;

import io.caravan.architecture.bad.flow.inner.Internal;

/** Uses a module that its own may not use, and there what is internal. */
public class Meddler {
  void meddle(Internal internal) {}
}
