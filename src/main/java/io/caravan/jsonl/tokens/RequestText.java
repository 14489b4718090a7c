package io.caravan.jsonl.tokens;

import io.caravan.jsonl.ByteScan;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Finds the content of a request that its model reads: text, images and files, without the JSON
 * syntax and parameters for the API. The line must be valid JSON.
 */
public final class RequestText {
  /** Content other than text, with its own token figures. */
  public enum Media {
    IMAGE,
    /** An image with low detail. */
    THUMBNAIL,
    AUDIO,
    FILE
  }

  /** Receives the content. */
  public interface Reader {
    /** A text starts at {@code from}; returns the offset of its closing quote. */
    int text(byte[] bytes, int from, int to);

    void media(Media kind, int count);

    /** A message of a conversation starts. */
    void message();

    /** A token given by number instead of a text to embed. */
    void number();
  }

  /** The role of a member of a request. */
  private enum Role {
    TEXT,
    /** The model also reads the names of its members, as for tools. */
    SCHEMA,
    BODY,
    MESSAGE,
    DETAIL,
    LINK,
    FILE_LINK,
    DATA,
    SILENT
  }

  private static final Names ENVELOPE =
      new Names(Role.SILENT, Map.of(Role.BODY, "body params request"));

  private static final Names BODY =
      new Names(
          Role.SILENT,
          Map.of(
              Role.TEXT,
              "messages input prompt suffix instructions system contents content systemInstruction"
                  + " system_instruction query documents",
              Role.SCHEMA,
              "tools functions response_format text"));

  private static final Names INSIDE =
      new Names(
          Role.TEXT,
          Map.of(
              Role.MESSAGE,
              "role",
              Role.DETAIL,
              "detail",
              Role.LINK,
              "url image_url",
              Role.FILE_LINK,
              "file_id file_url fileUri file_uri",
              Role.DATA,
              "data file_data",
              Role.SILENT,
              "type id call_id tool_call_id tool_use_id media_type mime_type mimeType format status"
                  + " signature thoughtSignature thought_signature encrypted_content"));

  private final byte[] bytes;
  private final int end;
  private final Reader reader;
  private int at;
  private int depth;
  private Role body = Role.SILENT;
  private Role member = Role.SILENT;
  private Role inside = Role.TEXT;

  private RequestText(byte[] bytes, int from, int end, Reader reader) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    this.reader = reader;
  }

  /** Reports the content of a line to the reader. */
  public static void read(byte[] bytes, int from, int length, Reader reader) {
    new RequestText(bytes, from, from + length, reader).read();
  }

  private void read() {
    int before = 0;
    while (at < end) {
      int here = bytes[at++];
      switch (here) {
        case '"' -> {
          string(before);
          before = '"';
        }
        case '{', '[' -> {
          depth++;
          before = here;
        }
        case '}', ']' -> {
          depth--;
          inside = Role.TEXT;
          before = here;
        }
        case ',', ':' -> before = here;
        case ' ', '\t', '\r' -> {}
        default -> {
          if ((before == '[' || before == ',') && depth > 2 && member == Role.TEXT) {
            reader.number();
          }
          before = here;
        }
      }
    }
  }

  /** Reads a string: a name, or a value after a colon or in an array. */
  private void string(int before) {
    if (before == ':') {
      value();
      return;
    }
    int from = at;
    int to = skip();
    if (isName()) {
      name(from, to);
    } else {
      at = from;
      value();
    }
  }

  private boolean isName() {
    int next = at;
    while (next < end && (bytes[next] == ' ' || bytes[next] == '\t')) {
      next++;
    }
    return next < end && bytes[next] == ':';
  }

  private void name(int from, int to) {
    if (depth == 1) {
      body = ENVELOPE.role(bytes, from, to);
      member = Role.SILENT;
    } else if (depth == 2) {
      member = body == Role.BODY ? BODY.role(bytes, from, to) : Role.SILENT;
      inside = Role.TEXT;
    } else if (member == Role.SCHEMA) {
      reader.text(bytes, from, end);
    } else if (member == Role.TEXT) {
      inside = INSIDE.role(bytes, from, to);
      if (inside == Role.MESSAGE) {
        reader.message();
      }
    }
  }

  private void value() {
    Role role =
        depth < 2 || member == Role.SILENT
            ? Role.SILENT
            : member == Role.SCHEMA ? Role.TEXT : inside;
    int from = at;
    switch (role) {
      case TEXT, SCHEMA -> at = reader.text(bytes, at, end) + 1;
      case DATA -> data(from, skip());
      case LINK -> reader.media(isData(from, skip()) ? kind(from + 5) : Media.IMAGE, 1);
      case FILE_LINK -> {
        skip();
        reader.media(Media.FILE, 1);
      }
      case DETAIL -> {
        if (starts(from, "low\"")) {
          reader.media(Media.IMAGE, -1);
          reader.media(Media.THUMBNAIL, 1);
        }
        skip();
      }
      case BODY, MESSAGE, SILENT -> skip();
    }
  }

  /** Reads a data member: a data URL, base64 or plain text. */
  private void data(int from, int to) {
    if (isData(from, to)) {
      reader.media(kind(from + 5), 1);
    } else if (isBase64(from, to)) {
      reader.media(magic(from), 1);
    } else {
      reader.text(bytes, from, end);
    }
  }

  private boolean isData(int from, int to) {
    return to - from > 5 && starts(from, "data:");
  }

  private Media kind(int type) {
    return starts(type, "image") ? Media.IMAGE : starts(type, "audio") ? Media.AUDIO : Media.FILE;
  }

  private static final int SAMPLE = 64;

  private boolean isBase64(int from, int to) {
    for (int i = from; i < Math.min(to, from + SAMPLE); i++) {
      int it = bytes[i];
      if (!Character.isLetterOrDigit(it)
          && it != '+'
          && it != '/'
          && it != '='
          && it != '-'
          && it != '_'
          && it != '\\') {
        return false;
      }
    }
    return to - from >= SAMPLE;
  }

  /** Detects the media type by the first bytes in Base64. */
  private Media magic(int from) {
    if (starts(from, "JVBER")) { // %PDF
      return Media.FILE;
    }
    boolean sound =
        Stream.of("SUQz", "//s", "//u", "T2dn", "ZkxhQ")
                .anyMatch(it -> starts(from, it)) // ID3, MP3, Ogg, FLAC
            || (starts(from, "UklGR") && starts(from + 12, "QVZF")); // RIFF of WAVE
    return sound ? Media.AUDIO : Media.IMAGE;
  }

  private boolean starts(int from, String with) {
    for (int i = 0; i < with.length(); i++) {
      if (from + i >= end || bytes[from + i] != with.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Skips the string that starts here; returns the offset of its closing quote. */
  private int skip() {
    int quote = ByteScan.quote(bytes, at, end);
    at = Math.min(quote + 1, end);
    return quote;
  }

  /** A fast map from member names to roles, with a default role. */
  private static final class Names {
    private final Role others;
    private final byte[][][] names = new byte[24][][];
    private final Role[][] roles = new Role[24][];

    Names(Role others, Map<Role, String> known) {
      this.others = others;
      for (int length = 0; length < names.length; length++) {
        int same = length;
        List<Map.Entry<String, Role>> fitting =
            known.entrySet().stream()
                .flatMap(it ->
                    Stream.of(it.getValue().split(" ")).map(name -> Map.entry(name, it.getKey())))
                .filter(it -> it.getKey().length() == same)
                .toList();
        names[length] =
            fitting.stream()
                .map(it -> it.getKey().getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        roles[length] = fitting.stream().map(Map.Entry::getValue).toArray(Role[]::new);
      }
    }

    Role role(byte[] bytes, int from, int to) {
      if (to - from < names.length) {
        byte[][] same = names[to - from];
        for (int i = 0; i < same.length; i++) {
          if (Arrays.equals(bytes, from, to, same[i], 0, same[i].length)) {
            return roles[to - from][i];
          }
        }
      }
      return others;
    }
  }
}
