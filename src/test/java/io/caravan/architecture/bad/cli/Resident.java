package io.caravan.architecture.bad.cli;

import org.apache.camel.CamelContext;

/** Does what a module of this name may do. */
public class Resident {
  void camel(CamelContext context) {}

  void print() {
    System.out.println("done");
  }
}
