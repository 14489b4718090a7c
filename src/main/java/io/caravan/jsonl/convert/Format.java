package io.caravan.jsonl.convert;

import java.util.Locale;

/** The format of an input file, determined by its name. */
public enum Format {
  /** One JSON object per line: a whole request or a short one. */
  JSONL(".jsonl", ".ndjson"),
  /** A header, then one row per request (RFC 4180). */
  CSV(".csv"),
  /** One prompt per line. */
  TEXT(".txt");

  /** The supported file name endings, for messages. */
  public static final String ENDINGS = ".jsonl, .ndjson, .csv or .txt, optionally followed by .gz";

  private final String ending;

  /** A common synonym of the ending. */
  private final String otherEnding;

  Format(String ending) {
    this(ending, ending);
  }

  Format(String ending, String otherEnding) {
    this.ending = ending;
    this.otherEnding = otherEnding;
  }

  /** The format of a file; JSONL if its name has no known ending. */
  public static Format of(String name) {
    for (Format format : values()) {
      if (format.names(name)) {
        return format;
      }
    }
    return JSONL;
  }

  /** Whether a file name is that of an input, gzipped or not. */
  public static boolean isInput(String name) {
    return of(name).names(name);
  }

  /** The file name for requests converted from an input: {@code x.jsonl} for {@code x.csv}. */
  public static String ofRequests(String name) {
    return name.replaceFirst("(?i)\\.(csv|txt)(\\.gz)?$", JSONL.ending);
  }

  private boolean names(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String unpacked = lower.endsWith(".gz") ? lower.substring(0, lower.length() - 3) : lower;
    return unpacked.endsWith(ending) || unpacked.endsWith(otherEnding);
  }
}
