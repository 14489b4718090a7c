package io.caravan.kill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Records each boundary, kills the process at the configured one, and stops threads at others. */
public final class Boundaries {
  /** The variable with the file that boundaries are written to. */
  public static final String RECORD = "KILL_RECORD";

  /** The variable with the boundary to kill at, such as {@code before update part PLANNED}. */
  public static final String AT = "KILL_AT";

  /** The variable that restricts kills to one input file: its stem, and its job's id if known. */
  public static final String FOR = "KILL_FOR";

  /**
   * The variable with a file of patterns, read each time: a thread whose boundary, such as {@code
   * before openai-post-file of STEM}, matches one stops there; other threads continue.
   */
  public static final String STAY = "KILL_STAY";

  private static final String WANTED = System.getenv().getOrDefault(AT, "");
  private static final String SUBJECT = System.getenv().getOrDefault(FOR, "");
  private static final Path FILE = Path.of(System.getenv(RECORD));
  private static final Path STAYS = Path.of(System.getenv().getOrDefault(STAY, ""));
  private static final Set<String> OURS = ConcurrentHashMap.newKeySet();
  private static final Map<String, String> STEMS = new ConcurrentHashMap<>();
  private static final Set<String> OTHERS = ConcurrentHashMap.newKeySet();

  private Boundaries() {}

  /** Registers a job and its file; boundaries are distinguished by their file. */
  static void seen(String jobId, String name) {
    String stem = name.replaceFirst("\\..*", "");
    if (SUBJECT.isEmpty() || SUBJECT.contains(stem)) {
      OURS.add(jobId);
    } else {
      OTHERS.add(jobId);
      OTHERS.add(stem);
    }
    if (STEMS.put(jobId, stem) == null) {
      write("job", jobId, stem);
    }
  }

  /** Registers the job of a part; a new job is registered before its parts. */
  static void seen(String jobId) {
    if (!OURS.contains(jobId) && !SUBJECT.contains(jobId)) {
      OTHERS.add(jobId);
    }
  }

  /**
   * @param subject a job's id, a path that contains one, or the file's name; may be empty
   */
  static void before(String boundary, String subject) {
    reached("before", boundary, subject);
  }

  static void after(String boundary, String subject) {
    reached("after", boundary, subject);
  }

  /** Whether the process is killed or the thread stopped here. */
  static boolean isArmed(String when, String boundary, String subject) {
    return isLast(when, boundary, subject) || stays(when, boundary, subject);
  }

  private static boolean isLast(String when, String boundary, String subject) {
    return WANTED.equals(when + " " + boundary) && isOurs(subject);
  }

  private static boolean stays(String when, String boundary, String subject) {
    if (STAYS.toString().isEmpty()) {
      return false;
    }
    String stem =
        STEMS.entrySet().stream()
            .filter(job -> subject.contains(job.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(subject);
    try {
      return Files.readAllLines(STAYS).stream()
          .anyMatch((when + " " + boundary + " of " + stem)::matches);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void reached(String when, String boundary, String subject) {
    write(when, boundary, subject);
    if (isLast(when, boundary, subject)) {
      write("killed", when + " " + boundary, subject);
      die();
    }
    if (stays(when, boundary, subject)) {
      write("stays", when + " " + boundary, subject);
      park();
    }
  }

  private static boolean isOurs(String subject) {
    return SUBJECT.isEmpty()
        || subject.isEmpty()
        || Stream.of(SUBJECT.split(",", -1)).anyMatch(subject::contains)
        || OURS.stream().anyMatch(subject::contains)
        || OTHERS.stream().noneMatch(subject::contains);
  }

  private static void die() {
    try {
      new ProcessBuilder("kill", "-9", "" + ProcessHandle.current().pid()).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    park();
  }

  private static void park() {
    while (true) {
      LockSupport.park(); // this thread never continues
    }
  }

  private static synchronized void write(String when, String boundary, String subject) {
    try {
      Files.writeString(
          FILE,
          when + "\t" + boundary + "\t" + subject + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
