package io.caravan.architecture.bad.jsonl;

import java.net.http.HttpClient;
import java.sql.Connection;
import org.apache.camel.CamelContext;
import org.springframework.context.ApplicationContext;

/** Climbs every fence, from a package without a package-info. */
public class Trespasser {
  void camel(CamelContext context) {}

  void http(HttpClient client) {}

  void sql(Connection connection) {}

  void spring(ApplicationContext context) {}

  void print() {
    System.out.println("seen");
  }
}
