package io.caravan.jsonl.convert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.NativeLine;
import io.caravan.jsonl.NoText;
import io.caravan.jsonl.RequestMembers;
import io.caravan.jsonl.StrictJson;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Converts tables, texts and short lines (with a template) and native lines to whole requests. */
public final class Converter {
  /** Name of the file of whole requests, which replaces the input. */
  public static final String REQUESTS = "requests.jsonl";

  /** Name of the file of columns that are returned next to the answers. */
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
   * Writes {@link #REQUESTS} and {@link #CARRIED}; the same file and template give the same bytes.
   * Whole requests are copied unchanged, unless normalisation applies to them.
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
          LineProblem problem = NoText.problem("line", lines.buffer(), lines.start(), length);
          if (problem == null) {
            ObjectNode row = JsonNodeFactory.instance.objectNode();
            row.put(
                "prompt",
                new String(lines.buffer(), lines.start(), length, StandardCharsets.UTF_8));
            out.build(row, lines.number(), false);
          } else {
            out.refuse(lines.number(), null, problem);
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

  /** Converts a line; an unreadable line is copied, and validation reports its problem. */
  private void line(LineReader lines, Writing out) throws IOException {
    int length = (int) lines.length();
    var members = RequestMembers.read(lines.buffer(), lines.start(), length);
    if (members.unreadable == null && members.isShort()) {
      JsonNode row = read(lines, length);
      if (row instanceof ObjectNode object) {
        Optional<ObjectNode> whole =
            RequestBuilder.CONTENT.stream().anyMatch(object::has)
                ? Optional.empty()
                : NativeLine.request(object, lines.number(), template.model());
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
      return StrictJson.MAPPER.readTree(lines.buffer(), lines.start(), length);
    } catch (JsonProcessingException e) {
      return StrictJson.MAPPER.missingNode();
    }
  }

  private Conversion table(Path input, Writing out) throws IOException {
    try (CsvRows rows = new CsvRows(input, maxLineBytes)) {
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
      TableHeader header = TableHeader.of(rows.cells(), builder.columns());
      String problem = header.problem(builder.needed());
      if (!problem.isEmpty()) {
        return new Conversion.Refused(problem);
      }
      while (rows.next()) {
        row(header, rows, out);
      }
      return new Conversion.Converted(List.of());
    }
  }

  private void row(TableHeader header, CsvRows rows, Writing out) throws IOException {
    LineProblem problem = rows.problem();
    if (problem == null && rows.isBlank()) {
      return;
    }
    List<String> cells = problem == null ? rows.cells() : List.of();
    if (problem == null) {
      problem = header.problemOf(cells);
    }
    if (problem == null) {
      out.build(header.row(cells), rows.line(), false);
    } else {
      out.refuse(rows.line(), null, problem);
    }
  }

  private LineProblem tooLong(LineReader lines) {
    return LineProblem.tooLong("line", lines.length(), maxLineBytes);
  }

  /** Writes both files, which are committed together. */
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

    /** Writes the problem for validation, which reports all bad lines in order. */
    void refuse(long line, @Nullable ObjectNode row, LineProblem problem) throws IOException {
      ObjectNode refused = JsonNodeFactory.instance.objectNode();
      refused.put("custom_id", row == null ? "line-" + line : NativeLine.customId(row, line));
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
