package io.caravan;

import io.caravan.cli.CommandLineInterface;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts Caravan: the service that watches inboxes, or one of its verbs. */
@SpringBootApplication
public class Caravan {
  public static void main(String[] arguments) {
    CommandLineInterface.run(Caravan.class, arguments);
  }
}
