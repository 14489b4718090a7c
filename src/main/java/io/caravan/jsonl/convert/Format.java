package io.caravan.jsonl.convert;

import java.util.Locale;

/** How the requests stand in an input file, told by its name. */
public enum Format {
  /** A JSON object a line: a whole request or a short one. */
  JSONL(".jsonl", ".ndjson"),
  /** A header, then a row for each request (RFC 4180). */
  CSV(".csv"),
  /** A prompt a line. */
  TEXT(".txt");

  /** What the name of an input ends with, in words. */
  public static final String ENDINGS = ".jsonl, .ndjson, .csv or .txt, also with .gz behind it";

  private final String ending;

  /** What means the same; some write it so. */
  private final String otherEnding;

  Format(String ending) {
    this(ending, ending);
  }

  Format(String ending, String otherEnding) {
    this.ending = ending;
    this.otherEnding = otherEnding;
  }

  /** The format of a file; JSONL when its name tells of none. */
  public static Format of(String name) {
    for (Format format : values()) {
      if (format.names(name)) {
        return format;
      }
    }
    return JSONL;
  }

  /** Whether a name is that of an input, packed or not. */
  public static boolean isInput(String name) {
    return of(name).names(name);
  }

  /** The name of whole requests that were made of an input: {@code x.jsonl} of {@code x.csv}. */
  public static String ofRequests(String name) {
    return name.replaceFirst("(?i)\\.(csv|txt)(\\.gz)?$", JSONL.ending);
  }

  private boolean names(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String unpacked = lower.endsWith(".gz") ? lower.substring(0, lower.length() - 3) : lower;
    return unpacked.endsWith(ending) || unpacked.endsWith(otherEnding);
  }
}
