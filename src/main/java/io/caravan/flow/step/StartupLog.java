package io.caravan.flow.step;

import static java.util.stream.Collectors.joining;

import io.caravan.flow.Pipeline;
import io.caravan.flow.Pipelines;
import io.caravan.flow.S3Inbox;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.workspace.Workspace;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.component.file.FileEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Logs inboxes, providers, address, pipelines and store when the service is ready. */
@Component
class StartupLog {
  private static final Logger LOG = LoggerFactory.getLogger(StartupLog.class);

  private final CamelContext camel;
  private final Pipelines pipelines;
  private final Providers providers;
  private final UpstreamNeed upstream;
  private final Workspace workspace;
  private final Environment settings;

  StartupLog(
      CamelContext camel,
      Pipelines pipelines,
      Providers providers,
      UpstreamNeed upstream,
      Workspace workspace,
      Environment settings) {
    this.camel = camel;
    this.pipelines = pipelines;
    this.providers = providers;
    this.upstream = upstream;
    this.workspace = workspace;
    this.settings = settings;
  }

  @EventListener
  void announce(ApplicationReadyEvent ready) {
    Map<String, Pipeline> all = new TreeMap<>(pipelines.all());
    if (settings.getActiveProfiles().length > 0) {
      LOG.info("environment: {}", String.join(", ", settings.getActiveProfiles()));
    }
    LOG.info("inbox: {}", inboxes(all));
    LOG.info(
        "provider: {}",
        all.values().stream()
            .map(Pipeline::getProvider)
            .distinct()
            .map(this::provider)
            .collect(joining(", ")));
    LOG.info("address: {}", address(ready.getTimeTaken()));
    LOG.info(
        "pipelines: {}",
        all.entrySet().stream()
            .map(pipeline -> "%s (%s)".formatted(pipeline.getKey(), target(pipeline.getValue())))
            .collect(joining(", ")));
    LOG.info(
        "store: {}, files of jobs in {}",
        bare(settings.getRequiredProperty("caravan.database.url")),
        workspace);
  }

  private String inboxes(Map<String, Pipeline> all) {
    String inboxes =
        all.keySet().stream()
            .flatMap(name -> inbox(name).map(place -> "%s (%s)".formatted(place, name)).stream())
            .collect(joining(", "));
    return inboxes.isEmpty() ? "none" : inboxes;
  }

  /** The place that a pipeline polls for files; empty if other routes send them. */
  private Optional<String> inbox(String pipeline) {
    S3Inbox bucket = camel.getRegistry().lookupByNameAndType(pipeline + "-objects", S3Inbox.class);
    if (bucket != null) {
      return Optional.of("s3://%s/%s".formatted(bucket.getBucket(), bucket.getPrefix()));
    }
    return Optional.ofNullable(camel.getRoute(pipeline + Pipelines.INBOX))
        .map(Route::getEndpoint)
        .filter(endpoint -> !endpoint.getEndpointUri().startsWith("direct:"))
        .map(StartupLog::place);
  }

  private static String place(Endpoint endpoint) {
    return endpoint instanceof FileEndpoint folder
        ? folder.getFile().toPath().toAbsolutePath().normalize().toString()
        : bare(endpoint.getEndpointUri());
  }

  private String provider(String name) {
    Provider provider = providers.get(name);
    String where = "%s at %s".formatted(name, bare(provider.base()));
    if (!upstream.isEmbedded(provider)) {
      return where;
    }
    return upstream.hasUpstream()
        ? "%s, the embedded server with its upstream %s"
            .formatted(where, bare(settings.getProperty("caravan.upstream.url", "")))
        : "%s, the embedded server; without CARAVAN_UPSTREAM_URL it runs only %s"
            .formatted(where, upstream.model());
  }

  private static String target(Pipeline pipeline) {
    return pipeline.isAnyProvider() ? "any provider" : "provider " + pipeline.getProvider();
  }

  private String address(Duration took) {
    String port = settings.getProperty("local.server.port");
    String address =
        port == null
            ? "none"
            : "%s://%s:%s"
                .formatted(
                    settings.containsProperty("server.ssl.key-store") ? "https" : "http",
                    settings.getProperty("server.address", "127.0.0.1"),
                    port);
    return "%s, ready after %.1f s".formatted(address, took.toMillis() / 1000.0);
  }

  /** Removes possible secrets: parameters, user names and passwords. */
  private static String bare(String url) {
    return url.replaceFirst("[?#].*", "").replaceFirst("//.*@", "//");
  }
}
