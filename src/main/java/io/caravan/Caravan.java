package io.caravan;

import io.caravan.cli.CommandLineInterface;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts Caravan: the service that watches inboxes, or one of its verbs. */
@SpringBootApplication
public class Caravan {
  public static void main(String[] arguments) {
    // else Netty goes around the JVM's own memory accesses, which newer JVMs warn of; it gains
    // nothing here
    System.setProperty("io.netty.noUnsafe", "true");
    CommandLineInterface.run(Caravan.class, arguments);
  }
}
