package io.caravan;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts Caravan: the service that watches inboxes. */
@SpringBootApplication
public class Caravan {
  public static void main(String[] arguments) {
    SpringApplication.run(Caravan.class, arguments);
  }
}
