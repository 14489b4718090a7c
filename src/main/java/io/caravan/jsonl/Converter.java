package io.caravan.jsonl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes whole requests of tables, texts and short lines by a template, and of native lines. */
public final class Converter {
  /** Name of the file of whole requests, which is read in place of the input. */
  public static final String REQUESTS = "requests.jsonl";

  /** Name of the file of what comes back beside the answers. */
  public static final String CARRIED = "carried.jsonl";

  private final RequestBuilder builder;
  private final Template template;
  private final int maxLineBytes;
  private final Normalisation normalisation;

  public Converter(Template template, int maxLineBytes, Normalisation normalisation) {
    this.normalisation = normalisation;
    this.builder = new RequestBuilder(template);
    this.template = template;
    this.maxLineBytes = maxLineBytes;
  }

  /**
   * Writes {@link #REQUESTS} and {@link #CARRIED}; the same file and template give the same bytes
   * again. Whole requests go through untouched, unless they are to be normalised and have to be.
   */
  public Conversion convert(Path input, Format format, Path directory) throws IOException {
    try (Writing out = new Writing(directory)) {
      Conversion conversion =
          switch (format) {
            case CSV -> table(input, out);
            case TEXT -> text(input, out);
            case JSONL -> lines(input, out);
          };
      if (conversion instanceof Conversion.Converted) {
        out.commit();
        return new Conversion.Converted(out.pass.notes());
      }
      return conversion;
    }
  }

  private Conversion text(Path input, Writing out) throws IOException {
    try (LineReader lines = new LineReader(Files.newInputStream(input), maxLineBytes)) {
      while (lines.next()) {
        int length = (int) lines.length();
        if (lines.isTooLong()) {
          out.refuse(lines.number(), null, tooLong(lines));
        } else if (!lines.isBlank()) {
          ObjectNode row = JsonNodeFactory.instance.objectNode();
          row.put(
              "prompt", new String(lines.buffer(), lines.start(), length, StandardCharsets.UTF_8));
          if (ByteScan.isUtf8(lines.buffer(), lines.start(), lines.start() + length)) {
            out.build(row, lines.number(), false);
          } else {
            out.refuse(lines.number(), null, notUtf8());
          }
        }
      }
    }
    return new Conversion.Converted(List.of());
  }

  private Conversion lines(Path input, Writing out) throws IOException {
    try (LineReader lines = new LineReader(Files.newInputStream(input), maxLineBytes)) {
      while (lines.next()) {
        if (lines.isTooLong()) {
          out.refuse(lines.number(), null, tooLong(lines));
        } else if (!lines.isBlank()) {
          line(lines, out);
        }
      }
    }
    return new Conversion.Converted(List.of());
  }

  /** A line that cannot be read goes through: validation says what is wrong with it. */
  private void line(LineReader lines, Writing out) throws IOException {
    int length = (int) lines.length();
    var members = RequestMembers.read(lines.buffer(), lines.start(), length);
    if (members.unreadable == null && members.isShort()) {
      JsonNode row = read(lines, length);
      if (row instanceof ObjectNode object) {
        Optional<ObjectNode> whole = NativeLine.request(object, lines.number(), template.model());
        if (whole.isPresent()) {
          out.requests.write(lines.number(), whole.get());
        } else {
          out.build(object, lines.number(), true);
        }
        return;
      }
    }
    if (members.unreadable == null
        && normalisation.changesWholeLines()
        && read(lines, length) instanceof ObjectNode whole
        && out.pass.apply(whole)) {
      out.requests.write(lines.number(), whole);
      return;
    }
    out.requests.write(lines.number(), ByteBuffer.wrap(lines.buffer(), lines.start(), length));
  }

  private static JsonNode read(LineReader lines, int length) throws IOException {
    try {
      return Strict.MAPPER.readTree(lines.buffer(), lines.start(), length);
    } catch (JsonProcessingException e) {
      return Strict.MAPPER.missingNode();
    }
  }

  private Conversion table(Path input, Writing out) throws IOException {
    try (CsvRows rows = new CsvRows(Files.newInputStream(input), maxLineBytes)) {
      boolean found = rows.next();
      while (found && rows.isBlank()) {
        found = rows.next();
      }
      if (!found) {
        return new Conversion.Refused(
            "the file is empty. Write a header, then a row for each request.");
      }
      LineProblem broken = rows.problem();
      if (broken != null) {
        return new Conversion.Refused("its header cannot be read: " + broken.message());
      }
      List<String> header = rows.cells().stream().map(String::strip).toList();
      String problem = problem(header);
      if (!problem.isEmpty()) {
        return new Conversion.Refused(problem);
      }
      while (rows.next()) {
        row(header, rows, out);
      }
      return new Conversion.Converted(List.of());
    }
  }

  private void row(List<String> header, CsvRows rows, Writing out) throws IOException {
    LineProblem problem = rows.problem();
    if (problem == null && rows.isBlank()) {
      return;
    }
    List<String> cells = problem == null ? rows.cells() : List.of();
    if (problem == null && cells.size() != header.size()) {
      problem =
          new LineProblem(
              "ragged_row",
              "the row has %s cells, and the header %s. Quote cells that hold the separator or a quote."
                  .formatted(cells.size(), header.size()),
              null);
    }
    if (problem != null) {
      out.refuse(rows.line(), null, problem);
      return;
    }
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < header.size(); i++) {
      if (!header.get(i).isEmpty()) {
        row.put(header.get(i), cells.get(i));
      }
    }
    out.build(row, rows.line(), false);
  }

  private String problem(List<String> header) {
    Set<String> names = new HashSet<>();
    for (String name : header) {
      if (!name.isEmpty() && !names.add(name)) {
        return "its header names %s twice. Give every column a name of its own."
            .formatted(Quote.of(name));
      }
    }
    Set<String> missing = new HashSet<>(builder.needed());
    missing.addAll(template.carry());
    missing.removeAll(names);
    return missing.isEmpty()
        ? ""
        : "it has no column %s, which the template needs. Its columns are %s; change them, or the template."
            .formatted(quoted(missing), quoted(names));
  }

  private static String quoted(Set<String> names) {
    return names.isEmpty()
        ? "none"
        : names.stream().sorted().limit(50).map(Quote::of).collect(Collectors.joining(", "));
  }

  private LineProblem tooLong(LineReader lines) {
    return new LineProblem(
        "line_too_long",
        "the line has %s bytes, more than the maximum of %s. Shorten it."
            .formatted(Quote.number(lines.length()), Quote.number(maxLineBytes)),
        null);
  }

  private static LineProblem notUtf8() {
    return new LineProblem("invalid_utf8", "the line is not UTF-8. Save the file as UTF-8.", null);
  }

  /** Both files, complete or not at all. */
  private final class Writing implements Closeable {
    private final AlignedLines requests;
    private final AlignedLines carried;
    private final Normalisation.Pass pass = normalisation.new Pass();

    Writing(Path directory) throws IOException {
      requests = new AlignedLines(directory.resolve(REQUESTS));
      carried = new AlignedLines(directory.resolve(CARRIED));
    }

    void build(ObjectNode row, long line, boolean parameters) throws IOException {
      switch (builder.build(row, line, parameters)) {
        case RequestBuilder.Built.Request(ObjectNode request, ObjectNode columns) -> {
          pass.apply(request);
          requests.write(line, request);
          carry(line, columns);
        }
        case RequestBuilder.Built.Bad(LineProblem problem) -> refuse(line, row, problem);
      }
    }

    /** Leaves word for validation, which tells of all bad lines in their order. */
    void refuse(long line, @Nullable ObjectNode row, LineProblem problem) throws IOException {
      ObjectNode refused = JsonNodeFactory.instance.objectNode();
      refused.put("custom_id", row == null ? "line-" + line : RequestBuilder.customId(row, line));
      refused
          .putObject(RequestMembers.REFUSED)
          .put("code", problem.code())
          .put("message", problem.message())
          .put("param", problem.param());
      requests.write(line, refused);
      if (row != null) {
        carry(line, builder.carried(row));
      }
    }

    private void carry(long line, ObjectNode columns) throws IOException {
      if (!columns.isEmpty()) {
        carried.write(line, columns);
      }
    }

    void commit() throws IOException {
      carried.commit();
      requests.commit();
    }

    @Override
    public void close() throws IOException {
      try (carried) {
        requests.close();
      }
    }
  }
}
