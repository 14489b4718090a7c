package io.caravan.flow;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Derives names of outputs from names of inputs. */
public final class FileNames {
  /**
   * Maximum length in bytes; the rest of the 255 bytes that file systems allow is for a suffix, a
   * job's id and a temporary prefix.
   */
  private static final int LONGEST = 200;

  private static final int LONGEST_KEY = 1024; // in S3

  private static final Pattern ENDING =
      Pattern.compile("(\\.(jsonl|ndjson|csv|txt))?(\\.gz)?$", Pattern.CASE_INSENSITIVE);

  /** A segment {@code .} or {@code ..}. */
  private static final Pattern DOTS = Pattern.compile("(?<![^/])\\.{1,2}(?![^/])");

  private FileNames() {}

  /**
   * {@code x} for {@code x.jsonl} and {@code x.jsonl.gz}, shortened to leave space for suffixes;
   * dot segments and control characters are replaced.
   */
  public static String stem(String name) {
    String stem = ENDING.matcher(name).replaceFirst("");
    return Stream.of(stem.split("/", -1))
        .map(FileNames::harmless)
        .map(it -> cut(it, LONGEST))
        .filter(it -> !it.isEmpty())
        .collect(Collectors.joining("/"));
  }

  /** {@code x.<job>.jsonl} for {@code x.jsonl}. */
  public static String withId(String name, String jobId) {
    return stem(name) + "." + jobId + ending(name);
  }

  /**
   * The key of an object below a prefix, shortened if too long for S3. Dot segments are replaced:
   * S3 treats them as plain names, but stores that keep files go up a folder.
   */
  public static String key(String prefix, String name) {
    return bytes(name) <= roomBelow(prefix)
        ? prefix + DOTS.matcher(name).replaceAll("_")
        : prefix + shorten(stem(name) + ending(name), roomBelow(prefix));
  }

  /** The maximum bytes of a name below a prefix of a bucket. */
  public static int roomBelow(String prefix) {
    return LONGEST_KEY - bytes(prefix);
  }

  /** Shortens the folders of a name that is too long; {@link #stem} shortens the file name. */
  public static String shorten(String name, int most) {
    int folder = name.lastIndexOf('/') + 1;
    int room = most - bytes(name.substring(folder));
    return folder == 0 || bytes(name) <= most
        ? name
        : cut(name.substring(0, folder - 1), Math.max(0, room - 1)) + name.substring(folder - 1);
  }

  private static String ending(String name) {
    return name.substring(ENDING.matcher(name).replaceFirst("").length());
  }

  private static String harmless(String segment) {
    return DOTS.matcher(segment).replaceAll("_").replaceAll("[\\p{Cntrl}\\\\]", "_");
  }

  private static String cut(String name, int most) {
    String cut = name;
    while (bytes(cut) > most) {
      cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
    }
    return cut;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
