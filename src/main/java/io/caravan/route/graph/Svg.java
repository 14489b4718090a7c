package io.caravan.route.graph;

import io.caravan.route.graph.Columns.Cell;
import io.caravan.route.graph.RouteGraph.Edge;
import io.caravan.route.graph.RouteGraph.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Draws a graph as an SVG image: routes in columns, with their ids and descriptions. */
final class Svg {
  private static final int WIDTH = 250;
  private static final int GAP = 70;
  private static final int LINE = 16;
  private static final int MARGIN = 20;
  private static final int CHARACTERS = 34;
  private static final int BOLD_CHARACTERS = 30;
  private static final Pattern BREAK = Pattern.compile("(?<=[ :/.-])");

  private static final String STYLE =
      """
      <style>
        text { font: 12px "DejaVu Sans", Verdana, sans-serif; fill: #24292f }
        .id { font-weight: bold }
        .engine rect { fill: #ddf4ff; stroke: #54aeff }
        .provider rect { fill: #fff8c5; stroke: #d4a72c }
        .pipeline rect { fill: #dafbe1; stroke: #4ac26b }
        .endpoint rect { fill: #ffffff; stroke: #8c959f }
        .paper { fill: #ffffff }
        path { fill: none; stroke: #6e7781 }
        .chosen { stroke-dasharray: 5 3 }
        .seda { stroke-width: 2.5 }
        marker path { fill: #6e7781 }
      </style>
      <defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
      """;

  private final StringBuilder drawing = new StringBuilder();
  private double top = Double.MAX_VALUE;
  private double bottom = -Double.MAX_VALUE;
  private int right;

  private Svg() {}

  static String of(RouteGraph graph) {
    var cells = new LinkedHashMap<Node, Cell>();
    graph.nodes().forEach(it -> cells.put(it, new Cell(LINE * (lines(it).size() + 1))));
    List<List<Cell>> arrows =
        graph.edges().stream()
            .map(it -> Stream.of(it.from(), it.to()).map(cells::get).toList())
            .toList();
    List<List<Cell>> paths = new Columns().place(List.copyOf(cells.values()), arrows);
    var svg = new Svg();
    for (int i = 0; i < paths.size(); i++) {
      svg.arrow(graph.edges().get(i), paths.get(i));
    }
    cells.forEach(svg::box);
    return svg.image();
  }

  private String image() {
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="%d %d %1$d %2$d">
    %s<rect class="paper" x="%3$d" y="%4$d" width="%1$d" height="%2$d"/>
    %s</svg>
    """
        .formatted(
            right + 2 * MARGIN,
            (int) (bottom - top) + 2 * MARGIN,
            -MARGIN,
            (int) top - MARGIN,
            STYLE,
            drawing);
  }

  private void box(Node node, Cell cell) {
    int y = (int) (cell.y - cell.height / 2);
    drawing.append(
        "<g class=\"%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>"
            .formatted(
                node.style(),
                left(cell),
                y,
                WIDTH,
                (int) cell.height,
                node.isRoute() ? 4 : (int) cell.height / 2));
    for (String line : lines(node)) {
      y += LINE;
      drawing.append("<text x=\"%d\" y=\"%d\"%s</text>".formatted(left(cell) + 12, y + 3, line));
    }
    drawing.append("</g>\n");
    extend(cell);
  }

  /** A curve to the left side of a box, or to the right one if it goes back. */
  private void arrow(Edge edge, List<Cell> cells) {
    boolean back = cells.getFirst().column > cells.getLast().column;
    var path = new StringBuilder();
    Cell last = cells.getFirst();
    for (Cell cell : cells) {
      extend(cell);
      int near = left(cell) + (back ? WIDTH : 0);
      int far = left(cell) + (back ? 0 : WIDTH);
      if (cell == last) {
        path.append("M%d %d".formatted(far, (int) cell.y));
      } else {
        int middle = near + (back ? GAP / 2 : -GAP / 2);
        path.append("C%d %d %1$d %d %d %3$d".formatted(middle, (int) last.y, (int) cell.y, near));
        path.append(cell.isBend() ? "H" + far : "");
      }
      last = cell;
    }
    drawing.append(
        "<path d=\"%s\" class=\"%s\" marker-end=\"url(#head)\"><title>%s</title></path>\n"
            .formatted(
                path,
                edge.asynchronous() ? "seda" : edge.variables().isEmpty() ? "" : "chosen",
                escape(edge.variables())));
  }

  private void extend(Cell cell) {
    top = Math.min(top, cell.y - cell.height / 2);
    bottom = Math.max(bottom, cell.y + cell.height / 2);
    right = Math.max(right, left(cell) + WIDTH);
  }

  private static int left(Cell cell) {
    return cell.column * (WIDTH + GAP);
  }

  private static List<String> lines(Node node) {
    var lines = new ArrayList<String>();
    wrap(node.name(), BOLD_CHARACTERS).forEach(it -> lines.add(" class=\"id\">" + escape(it)));
    wrap(node.description(), CHARACTERS).forEach(it -> lines.add(">" + escape(it)));
    return lines;
  }

  private static List<String> wrap(String text, int width) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (String word : (Iterable<String>) BREAK.splitAsStream(text)::iterator) {
      if (line.length() + word.stripTrailing().length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(word);
    }
    lines.add(line.toString());
    lines.removeIf(String::isBlank);
    return lines;
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
