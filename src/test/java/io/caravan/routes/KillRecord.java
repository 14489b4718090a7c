package io.caravan.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The boundaries that one process passed, as the kill agent wrote them down. */
record KillRecord(List<Passed> passed, Map<String, String> stems) {
  /** One boundary, and the job or the path that it was about. */
  record Passed(String when, String name, String subject) {
    String boundary() {
      return when + " " + name;
    }
  }

  /** Who works on a row is of no use after a crash: others take it. */
  private static final Pattern HELD = Pattern.compile("^(claim|release)[A-Z ]");

  static KillRecord read(Path file) throws IOException {
    List<Passed> lines =
        Files.readAllLines(file).stream()
            .map(line -> line.split("\t", -1))
            .filter(fields -> fields.length == 3) // the last line of a killed process may be cut
            .map(fields -> new Passed(fields[0], fields[1], fields[2]))
            .toList();
    return new KillRecord(
        lines.stream()
            .filter(line -> line.when().matches("before|after"))
            .filter(line -> !HELD.matcher(line.name()).find())
            .toList(),
        lines.stream()
            .filter(line -> line.when().equals("job"))
            .collect(Collectors.toMap(Passed::name, Passed::subject, (first, again) -> first)));
  }

  /**
   * When to kill: an "after" whose "before" comes next, with nothing in between, is the same
   * moment.
   */
  List<Moment> moments() {
    var moments = new ArrayList<Moment>();
    for (int i = 0; i < passed.size(); i++) {
      String boundary = passed.get(i).boundary();
      boolean sameAsNext =
          passed.get(i).when().equals("after")
              && i + 1 < passed.size()
              && passed.get(i + 1).when().equals("before")
              && (stems.size() <= 1 || passed.get(i).subject().equals(passed.get(i + 1).subject()))
              && !passed.get(i).subject().isEmpty();
      if (sameAsNext) {
        moments.add(
            new Moment(passed.get(++i).boundary(), List.of(boundary), passed.get(i).subject()));
      } else {
        moments.add(new Moment(boundary, List.of(), passed.get(i).subject()));
      }
    }
    return moments;
  }

  /**
   * A moment to kill at.
   *
   * @param at as the agent is told
   * @param also the boundary just passed
   * @param subject what it was about when it was recorded
   */
  record Moment(String at, List<String> also, String subject) {
    Stream<String> boundaries() {
      return Stream.concat(Stream.of(at), also.stream());
    }

    /** The same moment by each of its names: what comes after a call is not always the same. */
    List<Moment> apart() {
      List<String> names = boundaries().toList();
      return names.stream().map(name -> new Moment(name, names, subject)).toList();
    }
  }
}
