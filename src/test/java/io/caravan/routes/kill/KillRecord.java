package io.caravan.routes.kill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The boundaries of one process, as the kill agent recorded them. */
record KillRecord(List<Passed> passed, Map<String, String> stems) {
  /** One boundary with its job or path. */
  record Passed(String when, String name, String subject) {
    String boundary() {
      return when + " " + name;
    }
  }

  /** Claims and releases do not matter after a crash: others claim the row. */
  private static final Pattern HELD = Pattern.compile("^(claim|release)[A-Z ]");

  static KillRecord read(Path file) throws IOException {
    List<Passed> lines =
        Files.readAllLines(file).stream()
            .map(line -> line.split("\t", -1))
            .filter(fields -> fields.length == 3) // a kill may truncate the last line
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
   * The moments to kill at; an "after" that is directly followed by a "before" is the same moment.
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
   * @param at the boundary for the agent
   * @param also the boundary directly before it
   * @param subject its job or path in the recording
   */
  record Moment(String at, List<String> also, String subject) {
    Stream<String> boundaries() {
      return Stream.concat(Stream.of(at), also.stream());
    }

    /** The same moment under each of its names, since the next boundary after a call varies. */
    List<Moment> apart() {
      List<String> names = boundaries().toList();
      return names.stream().map(name -> new Moment(name, names, subject)).toList();
    }
  }
}
