package io.caravan.route.graph;

import io.caravan.route.graph.RouteGraph.Edge;
import io.caravan.route.graph.RouteGraph.Node;
import java.util.List;

/** Writes a graph as a flow chart for Mermaid. */
final class Mermaid {
  private static final String STYLES =
      """
        classDef engine fill:#ddf4ff,stroke:#54aeff,color:#24292f
        classDef provider fill:#fff8c5,stroke:#d4a72c,color:#24292f
        classDef pipeline fill:#dafbe1,stroke:#4ac26b,color:#24292f
        classDef endpoint fill:#ffffff,stroke:#8c959f,color:#24292f
      """;

  private final List<Node> nodes;
  private final StringBuilder text = new StringBuilder("flowchart LR\n").append(STYLES);

  private Mermaid(List<Node> nodes) {
    this.nodes = nodes;
  }

  static String of(RouteGraph graph) {
    var mermaid = new Mermaid(graph.nodes());
    graph.nodes().forEach(mermaid::box);
    graph.edges().forEach(mermaid::arrow);
    return mermaid.text.toString();
  }

  private void box(Node node) {
    String box = node.isRoute() ? "  %s[\"%s\"]:::%s%n" : "  %s([\"%s\"]):::%s%n";
    text.append(box.formatted(id(node), label(node), node.style()));
  }

  private static String label(Node node) {
    return node.description().isEmpty()
        ? escape(node.name())
        : "<b>%s</b><br/>%s".formatted(escape(node.name()), escape(node.description()));
  }

  private void arrow(Edge edge) {
    String solid = edge.asynchronous() ? "-- seda -->" : "-->";
    String arrow =
        edge.variables().isEmpty() ? solid : "-. \"%s\" .->".formatted(escape(edge.variables()));
    text.append("  %s %s %s%n".formatted(id(edge.from()), arrow, id(edge.to())));
  }

  private String id(Node node) {
    return "n" + nodes.indexOf(node);
  }

  private static String escape(String label) {
    return label
        .replace("#", "#35;")
        .replace("\"", "#quot;")
        .replace("<", "#lt;")
        .replace(">", "#gt;");
  }
}
