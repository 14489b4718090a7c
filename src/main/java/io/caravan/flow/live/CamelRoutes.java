package io.caravan.flow.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.flow.Pipelines;
import io.caravan.route.yaml.RouteFile;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteBuilderLifecycleStrategy;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** Adds the routes of a file to Camel and removes them. */
final class CamelRoutes {
  /** After this time the exchanges of a route are interrupted; their rows are retried. */
  private static final int SECONDS_TO_DRAIN = 60;

  /** Marks routes that Caravan starts one by one, after all of a file exist. */
  private static final String STARTED_HERE = "Started by Caravan";

  /**
   * The routes of a file.
   *
   * @param toStart those that are not kept from starting by autoStartup: false
   */
  record Added(List<String> ids, List<String> toStart) {
    static final Added NOTHING = new Added(List.of(), List.of());
  }

  private final CamelContext camel;
  private final ModelCamelContext model;

  CamelRoutes(CamelContext camel) {
    this.camel = camel;
    this.model = (ModelCamelContext) camel;
  }

  /** Adds the routes that start together with Camel. */
  void addEngine(Map<String, String> texts) throws Exception {
    List<Resource> resources =
        texts.entrySet().stream().map(it -> resource(it.getKey(), it.getValue())).toList();
    PluginHelper.getRoutesLoader(camel).loadRoutes(resources);
  }

  /**
   * Adds routes and creates their endpoints without starting them.
   *
   * @throws Exception if one cannot be created; then none is added
   */
  Added add(String file, String text) throws Exception {
    var added = new LinkedHashSet<RouteDefinition>();
    try {
      for (RoutesBuilder each :
          PluginHelper.getRoutesLoader(camel).findRoutesBuilders(resource(file, text))) {
        var builder = (RouteConfigurationBuilder) each;
        builder.addLifecycleInterceptor(completing(added, RouteFile.isPipeline(file)));
        camel.addRoutesConfigurations(builder);
        camel.addRoutes(builder);
      }
    } catch (Exception failure) {
      for (RouteDefinition route : added) {
        model.removeRouteDefinition(route);
      }
      throw failure;
    }
    return new Added(
        added.stream().map(RouteDefinition::getId).toList(),
        added.stream()
            .filter(it -> STARTED_HERE.equals(it.getNote()))
            .map(RouteDefinition::getId)
            .toList());
  }

  private static RouteBuilderLifecycleStrategy completing(
      Set<RouteDefinition> added, boolean isPipeline) {
    return new RouteBuilderLifecycleStrategy() {
      @Override
      public void afterConfigure(RouteBuilder builder) {
        for (RouteDefinition route : builder.getRouteCollection().getRoutes()) {
          if (added.add(route)) {
            if (isPipeline) {
              Pipelines.complete(route);
            }
            if (route.getAutoStartup() == null) {
              route.setAutoStartup("false");
              route.setNote(STARTED_HERE);
            }
          }
        }
      }
    };
  }

  private static Resource resource(String file, String text) {
    return ResourceHelper.fromBytes("file:" + file, text.getBytes(UTF_8));
  }

  /** Whether Caravan starts the route although it does not start by itself. */
  static boolean isStartedHere(Route route) {
    return STARTED_HERE.equals(route.getNote());
  }

  /** Removes a route after its exchanges in flight. */
  void remove(String id) throws Exception {
    camel.getRouteController().stopRoute(id, SECONDS_TO_DRAIN, TimeUnit.SECONDS);
    RouteDefinition route = model.getRouteDefinition(id);
    if (route != null) {
      model.removeRouteDefinition(route);
    }
  }
}
