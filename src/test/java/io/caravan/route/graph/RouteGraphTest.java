package io.caravan.route.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.route.graph.RouteGraph.Edge;
import io.caravan.route.graph.RouteGraph.Node;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class RouteGraphTest {
  private static final String CALLS =
      """
      - route:
          id: acme-inbox
          description: Read "new" files, <5 MB
          from:
            uri: file
            parameters:
              directoryName: "{{acme.inbox}}"
              recursive: true
            steps:
              - to:
                  uri: direct:job-accept
              - wireTap:
                  uri: seda
                  parameters:
                    name: acme-copy
                    size: 5
              - toD: direct:${header.kind}-out
      - route:
          id: acme-copy
          from:
            uri: seda:acme-copy?size=5
            steps:
              - choice:
                  when:
                    - simple: "${body}"
                      steps:
                        - to:
                            uri: sftp:me:pw@example.org:22/in?password=pw
      - route:
          id: a-out
          from:
            uri: direct:a-out
            steps:
              - enrich:
                  expression:
                    simple:
                      expression: direct:a-out?block=false
              - to: direct:acme-back
      - route:
          id: acme-back
          from:
            uri: direct:acme-back
            steps:
              - to: direct:a-out
      """;

  @Test
  void drawsCallsAndEndpointsForMermaid() {
    assertThat(graph(Map.of("pipelines/acme.camel.yaml", CALLS)).mermaid().lines().skip(5))
        .containsExactly(
            "  n0[\"<b>acme-inbox</b><br/>Read #quot;new#quot; files, #lt;5 MB\"]:::pipeline",
            "  n1[\"acme-copy\"]:::pipeline",
            "  n2[\"a-out\"]:::pipeline",
            "  n3[\"acme-back\"]:::pipeline",
            "  n4([\"file:{{acme.inbox}}\"]):::endpoint",
            "  n5([\"direct:job-accept\"]):::endpoint",
            "  n6([\"sftp:example.org:22/in\"]):::endpoint",
            "  n4 --> n0",
            "  n0 --> n5",
            "  n0 -- seda --> n1",
            "  n0 -. \"kind\" .-> n2",
            "  n1 --> n6",
            "  n2 --> n2",
            "  n2 --> n3",
            "  n3 --> n2");
  }

  @Test
  void drawsRoutesThatCallEachOther() throws Exception {
    assertThat(boxes(graph(Map.of("pipelines/acme.camel.yaml", CALLS)).svg())).hasSize(7);
  }

  @Test
  void connectsShippedRoutes() throws IOException {
    RouteGraph graph = shipped();

    assertThat(targets(graph, "batch-submit"))
        .containsExactlyInAnyOrder("anthropic-submit", "gemini-submit", "openai-submit");
    assertThat(targets(graph, "job-step"))
        .contains("job-validate", "batch-submit", "batch-retrieve", "job-report", "job-release")
        .doesNotContain("report-folder", "default-results", "batch-status");
    assertThat(targets(graph, "job-report")).contains("report-folder", "batches-report");
    assertThat(targets(graph, "job-deliver-results")).contains("default-results");
    assertThat(graph.nodes())
        .filteredOn(node -> graph.edges().stream().noneMatch(it -> it.to().equals(node)))
        .filteredOn(Node::isRoute)
        .extracting(Node::name)
        .containsExactlyInAnyOrder(
            "batches-inbox", "object-accept", "queue-add", "queue-inbox"); // from elsewhere
    assertThat(graph.edges())
        .extracting(it -> it.from().name() + " -> " + it.to().name())
        .contains(
            "POST /batch/queue/bulk -> queue-post-bulk",
            "GET /batch/results/{batch_id} -> batch-get-results");
  }

  @Test
  void drawsNeighboursOfOneFile() throws IOException {
    assertThat(shipped().around(Set.of("pipelines/default.camel.yaml")).nodes())
        .extracting(Node::name)
        .containsExactlyInAnyOrder(
            "default-inbox",
            "default-results",
            "default-errors",
            "job-accept",
            "job-deliver-results",
            "job-deliver-errors",
            "file:{{caravan.inbox}}",
            "file:{{caravan.outbox}}/results",
            "file:{{caravan.outbox}}/errors");
  }

  @Test
  void drawsBoxesThatDoNotOverlap() throws Exception {
    RouteGraph graph = shipped();

    List<Box> boxes = boxes(graph.svg());

    assertThat(boxes).hasSameSizeAs(graph.nodes());
    for (Box box : boxes) {
      assertThat(boxes).filteredOn(it -> !it.equals(box)).noneMatch(box::overlaps);
    }
    assertThat(graph.svg()).isEqualTo(shipped().svg());
  }

  private record Box(int x, int y, int width, int height) {
    boolean overlaps(Box other) {
      return x < other.x + other.width
          && other.x < x + width
          && y < other.y + other.height
          && other.y < y + height;
    }
  }

  /** The boxes of a drawing; all are inside of it. */
  private static List<Box> boxes(String svg) throws Exception {
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    var boxes = new ArrayList<Box>();
    var all = document.getElementsByTagName("rect");
    for (int i = 0; i < all.getLength(); i++) {
      var rect = (Element) all.item(i);
      boxes.add(
          new Box(
              number(rect, "x"), number(rect, "y"), number(rect, "width"), number(rect, "height")));
    }
    Box paper = boxes.removeFirst();
    assertThat(boxes)
        .allMatch(it -> it.x >= paper.x && it.x + it.width <= paper.x + paper.width)
        .allMatch(it -> it.y >= paper.y && it.y + it.height <= paper.y + paper.height);
    return boxes;
  }

  private static int number(Element element, String attribute) {
    return Integer.parseInt(element.getAttribute(attribute));
  }

  private static List<String> targets(RouteGraph graph, String route) {
    return graph.edges().stream()
        .filter(it -> it.from().name().equals(route))
        .map(Edge::to)
        .map(Node::name)
        .toList();
  }

  private static RouteGraph shipped() throws IOException {
    return graph(RouteFile.read(Path.of("routes")));
  }

  private static RouteGraph graph(Map<String, String> texts) {
    return RouteGraph.of(
        texts.entrySet().stream()
            .map(it ->
                new RouteFile(it.getKey(), it.getValue(), Yaml.parse(it.getValue()).orElseThrow()))
            .toList());
  }
}
