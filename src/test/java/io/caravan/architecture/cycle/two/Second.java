package io.caravan.architecture.cycle.two;

import io.caravan.architecture.cycle.one.First;

/** Closes a cycle of packages. */
public class Second {
  void use(First other) {}
}
