package io.caravan.flow;

import io.caravan.job.CannotStartException;
import io.caravan.job.Job;
import io.caravan.provider.Providers;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.NoErrorHandlerDefinition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The pipelines that the route files declare. */
@Component("pipelines")
public class Pipelines {
  /** Header with the pipeline of a message that did not come through an inbox route. */
  public static final String HEADER = "CaravanPipeline";

  /** Header with the provider of a message, if its pipeline allows any. */
  public static final String PROVIDER = "Caravan-Provider";

  public static final String INBOX = "-inbox";

  private static final List<String> OUTBOUND = List.of("-results", "-errors", "-report");

  private final CamelContext camel;
  private final Providers providers;
  private final Templates templates;
  private final Clock clock;
  private final ZoneId zone;

  public Pipelines(
      CamelContext camel, Providers providers, Templates templates, Clock clock, ZoneId zone) {
    this.camel = camel;
    this.providers = providers;
    this.templates = templates;
    this.clock = clock;
    this.zone = zone;
  }

  /** Returns the pipeline of that name. */
  public Pipeline get(String name) {
    return find(name)
        .orElseThrow(() ->
            new CannotStartException(
                "There is no pipeline \"%s\".".formatted(name),
                "Use one of %s, or describe it in routes/pipelines/%s.camel.yaml."
                    .formatted(String.join(", ", all().keySet()), name)));
  }

  /** Returns the pipeline of that name, if it is still declared. */
  public Optional<Pipeline> find(String name) {
    return Optional.ofNullable(camel.getRegistry().lookupByNameAndType(name, Pipeline.class));
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

  /** Whether that route delivers outputs. */
  public static boolean isOutbound(String route) {
    return OUTBOUND.stream().anyMatch(route::endsWith);
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

  /**
   * Adds to a route of a pipeline what its author may leave out: the caller of a called route
   * handles its failures, a file that an inbox cannot store stays there and is retried, and each
   * step can read an output from its start, although the step before has read it. Other streams are
   * copied for that, into files if they are long.
   */
  public static void complete(RouteDefinition route) {
    String id = String.valueOf(route.getRouteId());
    String from = route.getInput().getEndpointUri();
    if (route.getStreamCache() == null && !isInbox(id)) {
      route.setStreamCache("true");
    }
    if (route.isErrorHandlerFactorySet()
        || route.getRouteConfigurationId() != null
        || route.getOutputs().stream().anyMatch(OnExceptionDefinition.class::isInstance)) {
      return;
    }
    if (from.startsWith("direct:") || isOutbound(id)) {
      route.setErrorHandlerFactory(new NoErrorHandlerDefinition());
    } else if (isInbox(id)) {
      route.setRouteConfigurationId(from.startsWith("aws2-sqs") ? "event-inboxes" : "inboxes");
    }
  }

  /** Checks that a pipeline's provider can be called and that its template can be read. */
  public void check(String name) {
    Pipeline pipeline = get(name);
    providers.get(pipeline.getProvider());
    templates.get(pipeline.getTemplate());
    pipeline.encoding(name);
    pipeline.checkTiming(name, clock, zone);
  }
}
