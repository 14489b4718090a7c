package io.caravan.architecture.bad.flow;

import java.net.http.HttpClient;
import org.apache.camel.CamelContext;
import org.springframework.context.ApplicationContext;

/** Does what a module of this name may do. */
public class Resident {
  void camel(CamelContext context) {}

  void http(HttpClient client) {}

  void spring(ApplicationContext context) {}
}
