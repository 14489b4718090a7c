package io.caravan.route.graph;

import io.caravan.route.yaml.Element;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;

/** The routes of files with their endpoints, and which of them call which. */
public record RouteGraph(List<Node> nodes, List<Edge> edges) {
  /**
   * A route, or an endpoint outside.
   *
   * @param name the id of a route, the URI of an endpoint
   * @param description what a route does; empty for endpoints
   * @param file the file of a route; empty for endpoints
   */
  record Node(String name, String description, String file) {
    boolean isRoute() {
      return !file.isEmpty();
    }

    /** How it is coloured: {@code endpoint}, or by the folder of its file. */
    String style() {
      return switch (file.replaceFirst("/?[^/]*$", "")) {
        case "providers" -> "provider";
        case RouteFile.PIPELINES -> "pipeline";
        default -> isRoute() ? "engine" : "endpoint";
      };
    }
  }

  /**
   * A message on its way.
   *
   * @param variables the names by which the target is chosen; empty if it is always the same
   * @param asynchronous whether the sender continues at once
   */
  record Edge(Node from, Node to, String variables, boolean asynchronous) {}

  /** The graph of files. */
  public static RouteGraph of(Collection<RouteFile> files) {
    CamelCatalog catalog = new DefaultCamelCatalog(true);
    Map<Element, Node> routes = new LinkedHashMap<>();
    Map<String, Node> sources = new LinkedHashMap<>();
    for (RouteFile file : files) {
      for (Element route : file.routesAndConfigurations()) {
        var node = node(route, file, catalog);
        routes.put(route, node);
        RouteEndpoint.from(route, catalog).ifPresent(it -> sources.put(it.uri(), node));
      }
    }
    Set<Edge> edges = new LinkedHashSet<>();
    routes.forEach((route, node) -> {
      RouteEndpoint.from(route, catalog)
          .filter(it -> !it.isRoute())
          .ifPresent(it -> edges.add(new Edge(endpoint(it), node, "", false)));
      RouteEndpoint.to(route, catalog).flatMap(it -> edges(node, it, sources)).forEach(edges::add);
    });
    files.forEach(file -> edges.addAll(paths(file, sources)));
    var nodes = new LinkedHashSet<Node>();
    routes.forEach((route, node) -> {
      if (route.kind().equals("route")) { // error handlers only if they send something
        nodes.add(node);
      }
    });
    edges.forEach(it -> nodes.addAll(List.of(it.from(), it.to())));
    return new RouteGraph(List.copyOf(nodes), List.copyOf(edges));
  }

  private static Node node(Element route, RouteFile file, CamelCatalog catalog) {
    String name =
        route.id().or(() -> RouteEndpoint.from(route, catalog).map(RouteEndpoint::uri)).orElse("");
    return new Node(name, route.description().orElse(""), file.name());
  }

  /** From the paths that a file serves over HTTP to their routes. */
  private static List<Edge> paths(RouteFile file, Map<String, Node> sources) {
    var edges = new ArrayList<Edge>();
    for (Yaml item : file.root().items()) {
      for (Yaml rest : item.get("rest").stream().toList()) {
        String base = rest.text("path").orElse("");
        for (Yaml.Entry verb : rest.entries()) {
          for (Yaml path : verb.value().items()) {
            String name =
                "%s %s%s"
                    .formatted(
                        verb.key().toUpperCase(Locale.ROOT), base, path.text("path").orElse(""));
            path.get("to")
                .flatMap(it -> it.text("uri"))
                .map(sources::get)
                .ifPresent(route -> edges.add(new Edge(new Node(name, "", ""), route, "", false)));
          }
        }
      }
    }
    return edges;
  }

  private static Stream<Edge> edges(Node from, RouteEndpoint call, Map<String, Node> sources) {
    List<Edge> calls =
        sources.entrySet().stream()
            .filter(it -> call.reaches(it.getKey()))
            .filter(it -> call.variables().isEmpty() || !it.getValue().equals(from))
            .map(it -> new Edge(from, it.getValue(), call.variables(), call.isAsynchronous()))
            .toList();
    return calls.isEmpty() ? Stream.of(new Edge(from, endpoint(call), "", false)) : calls.stream();
  }

  private static Node endpoint(RouteEndpoint call) {
    return new Node(call.uri(), "", "");
  }

  /** The routes of these files, and what they call or are called by. */
  public RouteGraph around(Set<String> files) {
    var near =
        edges.stream()
            .filter(it -> files.contains(it.from().file()) || files.contains(it.to().file()))
            .toList();
    var all = new LinkedHashSet<Node>();
    nodes.stream().filter(it -> files.contains(it.file())).forEach(all::add);
    near.forEach(it -> all.addAll(List.of(it.from(), it.to())));
    return new RouteGraph(List.copyOf(all), near);
  }

  /** The drawing as text for Mermaid. */
  public String mermaid() {
    return Mermaid.of(this);
  }

  /** The drawing as an SVG image. */
  public String svg() {
    return Svg.of(this);
  }
}
