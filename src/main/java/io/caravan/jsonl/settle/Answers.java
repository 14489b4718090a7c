package io.caravan.jsonl.settle;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.caravan.jsonl.LenientJson;
import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.OpenFilePool;
import io.caravan.jsonl.Quote;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.RequestPositions;
import io.caravan.jsonl.WholeFile;
import io.caravan.jsonl.split.CustomIdIndex;
import io.caravan.jsonl.split.ErrorLine;
import io.caravan.jsonl.split.RequestIndex;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An index from requests to their answers: file and line; the answers stay in their files. */
final class Answers implements Closeable {
  private static final int MAX_NOTES = 5;
  private static final int OFFSET_BITS = 43;
  private static final long OFFSET = (1L << OFFSET_BITS) - 1;
  private static final long SUCCESS = 1L << 62;
  private static final long ODD = 1L << 63; // not strict JSON
  private static final int MAX_FILES = 1 << (62 - OFFSET_BITS);

  private final List<AnswerFile> files;
  private final OpenFilePool open;
  private final CustomIdIndex ids;
  private final RequestPositions places =
      new RequestPositions(); // odd, success, file plus one and offset; length
  private final List<String> notes = new ArrayList<>();
  private Usage usage = Usage.NONE;
  private long unknown;
  private long repeated;
  private long unreadable;

  Answers(List<AnswerFile> files, CustomIdIndex ids) {
    if (files.size() >= MAX_FILES) {
      throw new IllegalArgumentException("Too many answer files: %s.".formatted(files.size()));
    }
    this.files = files;
    this.open = new OpenFilePool(files.stream().map(AnswerFile::path).toList());
    this.ids = ids;
  }

  void collect() throws IOException {
    for (int file = 0; file < files.size(); file++) {
      try (LineReader lines =
          new LineReader(Files.newInputStream(files.get(file).path()), LineReader.LONGEST_ANSWER)) {
        while (lines.next()) {
          if (!lines.isBlank()) {
            collect(file, lines);
          }
        }
      }
    }
  }

  boolean has(int request) {
    return places.first(request) != 0;
  }

  boolean isSuccess(int request) {
    return (places.first(request) & SUCCESS) != 0;
  }

  /**
   * @param more additional members, or empty
   */
  void copyResult(int request, String more, WholeFile out) throws IOException {
    long place = places.first(request);
    String way = files.get(fileOf(place)).way();
    String beside = way == null ? more : join("\"way\":\"" + way + "\"", more);
    if ((place & ODD) != 0) {
      byte[] line = LenientJson.strict(line(request));
      out.write(ByteBuffer.wrap(line, 0, line.length - 1));
      out.write((beside.isEmpty() ? "}\n" : "," + beside + "}\n").getBytes(UTF_8));
    } else if (beside.isEmpty()) {
      open.copy(fileOf(place), place & OFFSET, places.second(request), out);
    } else {
      open.copy(fileOf(place), place & OFFSET, places.second(request), beside, out);
    }
  }

  /** Writes the error of a request; {@code entry} and {@code name} locate it in the input. */
  void writeError(int request, RequestIndex.Entry entry, String name, String beside, WholeFile out)
      throws IOException {
    long place = places.first(request);
    AnswerFile file = files.get(fileOf(place));
    if (file.own()) {
      Reason reason = OwnError.read(line(request)).reason();
      ErrorLine.of(entry.customId(), reason, name, entry.line(), file.attempt())
          .writeTo(out, beside);
    } else if (isUnreadable(request)) {
      ErrorLine.of(entry.customId(), Reason.UNREADABLE, name, entry.line(), file.attempt())
          .writeTo(out, join(raw(request), beside));
    } else if (file.attempt() == 1) {
      copyResult(request, beside, out);
    } else {
      String attempts = "\"attempts\":" + file.attempt();
      copyResult(request, join(attempts, beside), out);
    }
  }

  private static String join(String member, String beside) {
    return beside.isEmpty() ? member : member + "," + beside;
  }

  private boolean isUnreadable(int request) throws IOException {
    if ((places.first(request) & ODD) == 0) {
      return false;
    }
    byte[] line = line(request);
    AnswerLine answer = AnswerLine.read(line, 0, line.length);
    return answer == null || answer.form() == AnswerLine.Form.UNREADABLE;
  }

  /** The provider's line as text, kept because it was paid for. */
  private String raw(int request) throws IOException {
    return "\"answer\":\"%s\""
        .formatted(
            new String(
                JsonStringEncoder.getInstance().quoteAsString(new String(line(request), UTF_8))));
  }

  Settled settled(long requests, long results) {
    return new Settled(
        requests, results, requests - results, usage, unknown, repeated, unreadable, notes);
  }

  @Override
  public void close() throws IOException {
    open.close();
  }

  private void collect(int file, LineReader lines) throws IOException {
    AnswerLine answer = AnswerLine.read(lines);
    if (answer == null) {
      unreadable++;
      note(unreadable, file, lines, null, "the line is not an answer; it is left out.");
      return;
    }
    long place = ids.find(answer.customId());
    if (place == CustomIdIndex.ABSENT) {
      unknown++;
      note(unknown, file, lines, answer, "belongs to no request; it is left out.");
      return;
    }
    collect(file, lines, answer, (int) place);
  }

  private void collect(int file, LineReader lines, AnswerLine answer, int request)
      throws IOException {
    if (has(request)) {
      if (isRepeated(request, file)) {
        repeated++;
        note(repeated, file, lines, answer, "was answered before.");
      }
      if (!isBetter(answer, file, request)) {
        return;
      }
      usage = usage.minus(usageOf(request));
    }
    usage = usage.plus(answer.usage());
    long place = (file + 1L) << OFFSET_BITS | lines.offset();
    if (answer.form() == AnswerLine.Form.UNREADABLE) {
      String what = "has an answer that is not JSON; it is kept as text.";
      note(++unreadable, file, lines, answer, what);
    }
    long odd = answer.form() == AnswerLine.Form.STRICT ? 0 : ODD;
    long success = answer.success() ? SUCCESS : 0;
    places.set(request, place | odd | success, (int) lines.length());
  }

  private boolean isRepeated(int request, int file) {
    AnswerFile earlier = files.get(fileOf(places.first(request)));
    AnswerFile later = files.get(file);
    return earlier.attempt() == later.attempt() && !earlier.own() && !later.own();
  }

  private boolean isBetter(AnswerLine answer, int file, int request) {
    int earlier = files.get(fileOf(places.first(request))).attempt();
    return !isSuccess(request) && (answer.success() || files.get(file).attempt() > earlier);
  }

  private byte[] line(int request) throws IOException {
    long place = places.first(request);
    return open.read(fileOf(place), place & OFFSET, places.second(request));
  }

  private Usage usageOf(int request) throws IOException {
    byte[] line = line(request);
    AnswerLine answer = AnswerLine.read(line, 0, line.length);
    return answer == null ? Usage.NONE : answer.usage();
  }

  private void note(
      long count, int file, LineReader lines, @Nullable AnswerLine answer, String what) {
    if (count <= MAX_NOTES) {
      Path name = files.get(file).path().getFileName();
      String subject = answer == null ? "" : "custom_id " + Quote.of(answer.customId()) + " ";
      notes.add("%s line %s: %s%s".formatted(name, lines.number(), subject, what));
    }
  }

  private static int fileOf(long place) {
    return (int) ((place & ~(SUCCESS | ODD)) >>> OFFSET_BITS) - 1;
  }
}
