package io.caravan.architecture.cycle.one;

import io.caravan.architecture.cycle.two.Second;

/** Closes a cycle of packages. */
public class First {
  void use(Second other) {}
}
