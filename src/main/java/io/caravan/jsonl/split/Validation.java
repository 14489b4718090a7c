package io.caravan.jsonl.split;

import static io.caravan.jsonl.Quote.number;

import io.caravan.jsonl.HeapRoom;
import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.RequestMembers;
import io.caravan.jsonl.split.RequestLine.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One validation pass over a file. */
final class Validation implements Closeable {
  /** Maximum number of endpoint and model pairs: each has an open part with its own buffer. */
  private static final int MAX_KINDS = 1_000;

  private final ValidationRules rules;
  private final HeapRoom room;
  private final RequestSink sink;
  private final RequestCheck check;
  private final long size;
  private final LineReader lines;
  private final SeenIds ids;
  private final Set<Kind> kinds = new HashSet<>();

  private long requests;
  private long refused;
  private long marks;
  private boolean shortLine;

  Validation(
      Path file, ValidationRules rules, CustomIdIndex.Hash hash, HeapRoom room, RequestSink sink)
      throws IOException {
    this.rules = rules;
    this.room = room;
    this.sink = sink;
    this.check = new RequestCheck(rules);
    this.size = Files.size(file);
    this.lines = new LineReader(Files.newInputStream(file), rules.maxLineBytes());
    this.ids = SeenIds.open(file, hash);
  }

  Summary run() throws IOException {
    if (size > rules.maxBytes()) {
      return tooLarge(
          "the file has %s bytes, more than the maximum of %s. Cut it into smaller files."
              .formatted(number(size), number(rules.maxBytes())));
    }
    while (lines.next()) {
      marks += lines.isMarked() ? 1 : 0;
      if (!lines.isBlank()) {
        requests++;
        if (requests > room.requests()) {
          return tooLarge(room.refusal());
        }
        validateLine();
        if (shortLine) {
          return Summary.OF_SHORT_LINES;
        }
      }
    }
    return new Summary(requests, refused, problems(), notes());
  }

  private static Summary tooLarge(String problem) {
    return new Summary(0, 0, List.of(problem), List.of());
  }

  @Override
  public void close() throws IOException {
    try (lines) {
      ids.close();
    }
  }

  private void validateLine() throws IOException {
    List<LineProblem> problems = new ArrayList<>(0);
    if (requests > rules.maxRequests()) {
      problems.add(
          problem(
              "too_many_requests",
              "the file holds more than the maximum of %s requests. Cut it into smaller files."
                  .formatted(number(rules.maxRequests())),
              null));
    }
    if (lines.isTooLong()) {
      problems.add(LineProblem.tooLong("line", lines.length(), rules.maxLineBytes()));
      refuse(null, problems);
      return;
    }
    int length = (int) lines.length();
    RequestMembers members = RequestMembers.read(lines.buffer(), lines.start(), length);
    if (members.isShort()) {
      shortLine = true;
      return;
    }
    String id = RequestCheck.usableId(members);
    if (id != null && members.unreadable == null && requests <= rules.maxRequests()) {
      checkRepeated(id, members, problems);
    }
    problems.addAll(check.problems(members));
    if (problems.isEmpty()) {
      LineProblem further = rules.further().problem(lines.buffer(), lines.start(), length);
      problems.addAll(further == null ? List.of() : List.of(further));
    }
    String url = members.url.text();
    String model = members.model.text();
    if (!problems.isEmpty() || id == null || url == null || model == null) {
      refuse(id, problems);
      return;
    }
    Kind kind = new Kind(url, model);
    if (!kinds.contains(kind) && kinds.size() == MAX_KINDS) {
      refuse(id, List.of(tooManyKinds()));
      return;
    }
    kinds.add(kind);
    RequestLine request =
        new RequestLine(
            lines.number(), lines.offset(), length, id, kind, members.embeddingInputs());
    sink.request(request, ByteBuffer.wrap(lines.buffer(), lines.start(), length));
  }

  private static LineProblem tooManyKinds() {
    String message =
        "the file has %s different pairs of url and model before this one, the maximum per file. Put the others in another file."
            .formatted(number(MAX_KINDS));
    return problem("too_many_models", message, "body.model");
  }

  /** Refused lines reserve their id too: the corrected line will use the same id. */
  private void checkRepeated(String id, RequestMembers members, List<LineProblem> problems)
      throws IOException {
    long earlier = ids.add(id, lines.offset() + members.customIdAt, lines.number());
    if (earlier != SeenIds.NEVER) {
      String message =
          "custom_id %s repeats line %s. Make every custom_id unique in a file."
              .formatted(Quote.of(id), earlier);
      problems.add(problem("duplicate_custom_id", message, "custom_id"));
    }
  }

  private void refuse(@Nullable String id, List<LineProblem> problems) throws IOException {
    refused++;
    sink.refused(new RefusedLine(lines.number(), id, problems));
  }

  private List<String> problems() {
    if (size == 0) {
      return List.of("the file is empty. Write one request a line.");
    }
    if (requests == 0) {
      return List.of("the file holds only blank lines. Write one request a line.");
    }
    if (requests > rules.maxRequests()) {
      return List.of(
          ("the file holds %s requests, more than the maximum of %s; those past it are refused."
                  + " Cut it into smaller files.")
              .formatted(number(requests), number(rules.maxRequests())));
    }
    return List.of();
  }

  private List<String> notes() {
    return marks == 0
        ? List.of()
        : List.of("%s byte-order mark%s skipped".formatted(number(marks), marks == 1 ? "" : "s"));
  }

  private static LineProblem problem(String code, String message, @Nullable String param) {
    return new LineProblem(code, message, param);
  }
}
