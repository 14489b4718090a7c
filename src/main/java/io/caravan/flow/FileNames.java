package io.caravan.flow;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** How the names of inputs become names of outputs. */
final class FileNames {
  /**
   * Of the 255 bytes that file systems allow; the rest is for a suffix, a job's id and a temporary
   * prefix.
   */
  private static final int LONGEST = 200;

  private static final Pattern ENDING =
      Pattern.compile("(\\.jsonl)?(\\.gz)?$", Pattern.CASE_INSENSITIVE);

  private FileNames() {}

  /**
   * {@code x} of {@code x.jsonl} and {@code x.jsonl.gz}, cut when it is too long for what is put
   * behind it.
   */
  static String stem(String name) {
    String stem = ENDING.matcher(name).replaceFirst("");
    int folder = stem.lastIndexOf('/') + 1;
    return stem.substring(0, folder) + cut(stem.substring(folder));
  }

  /** {@code x.<job>.jsonl} of {@code x.jsonl}. */
  static String withId(String name, String jobId) {
    String whole = ENDING.matcher(name).replaceFirst("");
    return stem(name) + "." + jobId + name.substring(whole.length());
  }

  private static String cut(String name) {
    String cut = name;
    while (cut.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
    }
    return cut;
  }
}
