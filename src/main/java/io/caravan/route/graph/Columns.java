package io.caravan.route.graph;

import static java.util.Comparator.comparingDouble;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Places cells in columns: each is to the right of those that point to it, unless they point in a
 * circle. An arrow over several columns has a bend in each of them, so that it crosses no cell;
 * arrows to the same cell share their bends.
 */
final class Columns {
  private static final int SWEEPS = 40;
  private static final double CELL_GAP = 18;
  private static final double BEND_GAP = 7;

  /** A box with a height, or a bend of an arrow, which has none. */
  static final class Cell {
    final double height;
    int column;

    /** The middle of its height. */
    double y;

    private final Set<Cell> targets = new LinkedHashSet<>();
    private final Set<Cell> left = new LinkedHashSet<>();
    private final Set<Cell> right = new LinkedHashSet<>();

    Cell(double height) {
      this.height = height;
    }

    boolean isBend() {
      return height == 0;
    }

    private double above(Cell next) {
      return (height + next.height) / 2 + (isBend() && next.isBend() ? BEND_GAP : CELL_GAP);
    }

    private double middle(Set<Cell> neighbours) {
      return neighbours.stream().mapToDouble(it -> it.y).average().orElse(y);
    }
  }

  private record Bend(Cell end, int column, boolean back) {}

  /** Cells that touch each other; their order is fixed. */
  private record Block(double sum, int count) {
    double mean() {
      return sum / count;
    }

    Block plus(Block other) {
      return new Block(sum + other.sum, count + other.count);
    }
  }

  private final List<List<Cell>> columns = new ArrayList<>();
  private final Map<Bend, Cell> bends = new HashMap<>();

  /** Places the cells; the result has the cells that each arrow, from one to another, passes. */
  List<List<Cell>> place(List<Cell> cells, List<List<Cell>> arrows) {
    arrows.forEach(it -> it.getFirst().targets.add(it.getLast()));
    assignColumns(cells);
    cells.forEach(this::put);
    List<List<Cell>> paths = arrows.stream().map(it -> path(it.getFirst(), it.getLast())).toList();
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      boolean ordering = sweep < SWEEPS / 2;
      for (List<Cell> column : sweep % 2 == 0 ? columns : columns.reversed()) {
        for (Cell it : ordering ? column : List.<Cell>of()) {
          it.y = it.middle(sweep % 2 == 0 ? it.left : it.right);
        }
        column.sort(comparingDouble(it -> it.y));
        settle(column);
      }
    }
    return paths;
  }

  private static void assignColumns(List<Cell> cells) {
    Deque<Cell> order = new ArrayDeque<>();
    var done = new HashSet<Cell>();
    cells.forEach(it -> visit(it, new HashSet<>(), done, order));
    var called = new HashSet<Cell>();
    for (Cell cell : order) {
      for (Cell target : cell.targets) {
        target.column = Math.max(target.column, cell.column + 1);
        called.add(target);
      }
    }
    cells.stream()
        .filter(it -> !called.contains(it))
        .forEach(
            cell -> // beside what it points to
            cell.column = cell.targets.stream().mapToInt(it -> it.column - 1).min().orElse(0));
  }

  /** Orders cells before their targets, and drops targets that close a circle. */
  private static void visit(Cell cell, Set<Cell> path, Set<Cell> done, Deque<Cell> order) {
    if (done.add(cell)) {
      path.add(cell);
      cell.targets.removeIf(path::contains);
      cell.targets.forEach(it -> visit(it, path, done, order));
      path.remove(cell);
      order.addFirst(cell);
    }
  }

  private void put(Cell cell) {
    while (columns.size() <= cell.column) {
      columns.add(new ArrayList<>());
    }
    List<Cell> column = columns.get(cell.column);
    cell.y = column.isEmpty() ? 0 : column.getLast().y + column.getLast().above(cell);
    column.add(cell);
  }

  private List<Cell> path(Cell from, Cell to) {
    boolean back = from.column > to.column;
    Cell first = back ? to : from;
    Cell last = back ? from : to;
    var path = new ArrayList<>(List.of(first));
    for (int column = first.column + 1; column <= last.column; column++) {
      Cell next = column == last.column ? last : bend(new Bend(to, column, back));
      path.getLast().right.add(next);
      next.left.add(path.getLast());
      path.add(next);
    }
    return back ? path.reversed() : path;
  }

  private Cell bend(Bend bend) {
    return bends.computeIfAbsent(
        bend,
        it -> {
          var cell = new Cell(0);
          cell.column = it.column();
          put(cell);
          return cell;
        });
  }

  /** Moves the cells of a column as near as possible to the middle of their neighbours. */
  private static void settle(List<Cell> column) {
    var blocks = new ArrayList<Block>();
    var offsets = new double[column.size()];
    for (int i = 0; i < offsets.length; i++) {
      Cell cell = column.get(i);
      offsets[i] = i == 0 ? 0 : offsets[i - 1] + column.get(i - 1).above(cell);
      var both = new LinkedHashSet<>(cell.left);
      both.addAll(cell.right);
      var block = new Block(cell.middle(both) - offsets[i], 1);
      while (!blocks.isEmpty() && blocks.getLast().mean() > block.mean()) {
        block = block.plus(blocks.removeLast());
      }
      blocks.add(block);
    }
    int next = 0;
    for (Block block : blocks) {
      for (int i = 0; i < block.count(); i++, next++) {
        column.get(next).y = block.mean() + offsets[next];
      }
    }
  }
}
