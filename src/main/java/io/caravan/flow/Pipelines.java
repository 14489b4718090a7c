package io.caravan.flow;

import io.caravan.job.CannotStartException;
import io.caravan.job.Job;
import io.caravan.provider.Providers;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.NoErrorHandlerDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The pipelines that the route files declare. */
@Component("pipelines")
public class Pipelines implements CamelContextConfiguration {
  /** Header with the pipeline of a message that did not come through an inbox route. */
  public static final String HEADER = "CaravanPipeline";

  /** Header with the provider of a message, if its pipeline allows any. */
  public static final String PROVIDER = "Caravan-Provider";

  public static final String INBOX = "-inbox";

  private static final List<String> OUTBOUND = List.of("-results", "-errors", "-report");

  private final CamelContext camel;
  private final Providers providers;
  private final Templates templates;

  public Pipelines(CamelContext camel, Providers providers, Templates templates) {
    this.camel = camel;
    this.providers = providers;
    this.templates = templates;
  }

  /** Returns the pipeline of that name. */
  public Pipeline get(String name) {
    Pipeline pipeline = camel.getRegistry().lookupByNameAndType(name, Pipeline.class);
    if (pipeline == null) {
      throw new CannotStartException(
          "There is no pipeline \"%s\".".formatted(name),
          "Use one of %s, or describe it in routes/pipelines/%s.camel.yaml."
              .formatted(String.join(", ", all().keySet()), name));
    }
    return pipeline;
  }

  /** All pipelines by name. */
  public Map<String, Pipeline> all() {
    return camel.getRegistry().findByTypeWithName(Pipeline.class);
  }

  /** The name of the pipeline whose inbox route received the message. */
  public String nameFor(Exchange exchange) {
    String route = exchange.getFromRouteId();
    return isInbox(route)
        ? ofRoute(route)
        : exchange.getMessage().getHeader(HEADER, "default", String.class);
  }

  /** The name of the provider that a message is for. */
  public String providerFor(Message message, String pipeline) {
    Pipeline own = get(pipeline);
    return own.isAnyProvider()
        ? message.getHeader(PROVIDER, own.getProvider(), String.class)
        : own.getProvider();
  }

  /** Whether that route is the inbox of a pipeline. */
  public static boolean isInbox(@Nullable String route) {
    return route != null && route.endsWith(INBOX);
  }

  /** The name of the pipeline whose inbox that route is. */
  public static String ofRoute(String route) {
    return route.endsWith(INBOX) ? route.substring(0, route.length() - INBOX.length()) : route;
  }

  /** The route for a pipeline's reports: its own, or else the shared report folder. */
  public String reportRoute(@ExchangeProperty(ExchangeProperties.JOB) Job job) {
    String own = job.pipeline() + "-report";
    return camel.getRoute(own) == null ? "report-folder" : own;
  }

  /** Checks at startup that each pipeline has its routes, a provider and a template. */
  @Override
  public void beforeApplicationStart(CamelContext context) {
    var model = (ModelCamelContext) context;
    if (model.getRouteDefinition("job-accept") == null || all().isEmpty()) {
      throw new CannotStartException(
          "The routes folder contains no routes, or no pipeline.",
          "Start in a folder with a complete routes/, or without one, or set CARAVAN_ROUTES.");
    }
    all()
        .forEach((name, pipeline) -> {
          check(model, name, pipeline);
          OUTBOUND.forEach(ending -> passErrorsOn(model.getRouteDefinition(name + ending)));
        });
    model.getRouteDefinitions().stream()
        .filter(Pipelines::isUsers)
        .forEach(route -> {
          rewind(route);
          if (route.getInput().getEndpointUri().startsWith("direct:")) {
            passErrorsOn(route);
          }
        });
  }

  /** Whether a route stands in the file of a pipeline. */
  private static boolean isUsers(RouteDefinition route) {
    Resource file = route.getResource();
    return file != null && file.getLocation().contains("/pipelines/");
  }

  /**
   * Lets each step of a route read an output from its start, although the step before has read it.
   * Other bodies are not affected, because stream caching is off.
   */
  private static void rewind(RouteDefinition route) {
    if (route.getStreamCache() == null && !isInbox(route.getId())) {
      route.setStreamCache("true");
    }
  }

  /** Disables the error handler of a route without its own, so that its caller handles failures. */
  private static void passErrorsOn(@Nullable RouteDefinition route) {
    if (route != null
        && !route.isErrorHandlerFactorySet()
        && route.getOutputs().stream().noneMatch(OnExceptionDefinition.class::isInstance)) {
      route.setErrorHandlerFactory(new NoErrorHandlerDefinition());
    }
  }

  @Override
  public void afterApplicationStart(CamelContext context) {}

  private void check(ModelCamelContext model, String name, Pipeline pipeline) {
    for (String ending : List.of(INBOX, "-results", "-errors")) {
      if (model.getRouteDefinition(name + ending) == null) {
        throw new CannotStartException(
            "Pipeline \"%s\" has no route %s%s.".formatted(name, name, ending),
            "Add it to routes/pipelines/%s.camel.yaml; default.camel.yaml shows how."
                .formatted(name));
      }
    }
    providers.get(pipeline.getProvider());
    templates.get(pipeline.getTemplate());
    pipeline.encoding(name);
  }
}
