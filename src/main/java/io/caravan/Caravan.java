package io.caravan;

import io.caravan.cli.CommandLineInterface;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The main class: starts the service that watches inboxes, or runs a command. */
@SpringBootApplication
public class Caravan {
  public static void main(String[] arguments) {
    // without this, Netty uses sun.misc.Unsafe, and newer JVMs print a warning; no gain here
    System.setProperty("io.netty.noUnsafe", "true");
    CommandLineInterface.run(Caravan.class, arguments);
  }
}
