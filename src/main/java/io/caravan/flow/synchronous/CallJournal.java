package io.caravan.flow.synchronous;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls of an order, one short line for each begin and each end. A call that has begun and not
 * ended was in flight when its process was killed.
 */
final class CallJournal implements Closeable {
  private static final String UNKNOWN = "?";

  private final LineLog log;
  private final Map<Integer, Begun> open = new HashMap<>();
  private final BitSet answered = new BitSet();
  private BigDecimal spent = BigDecimal.ZERO;
  private long unpriced;
  private long repeated;

  /**
   * A call in flight.
   *
   * @param most what was reserved for it
   */
  record Begun(BigDecimal most, String model) {}

  private CallJournal(LineLog log) {
    this.log = log;
  }

  /** Opens the journal, and reads what earlier processes have written. */
  static CallJournal open(Path path) throws IOException {
    var journal = new CallJournal(LineLog.open(path));
    try (BufferedReader lines = Files.newBufferedReader(path, UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        journal.read(line.split(" ", 4));
      }
      return journal;
    } catch (IOException | RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  private void read(String[] words) {
    int request = Integer.parseInt(words[1]);
    switch (words[0]) {
      case "begun" -> open.put(request, new Begun(new BigDecimal(words[2]), words[3]));
      case "free" -> open.remove(request);
      case "lost" -> lose(request);
      case "killed" -> {
        lose(request);
        repeated++;
      }
      default -> {
        open.remove(request);
        answered.set(request);
        if (words[2].equals(UNKNOWN)) {
          unpriced++;
        } else {
          spent = spent.add(new BigDecimal(words[2]));
        }
      }
    }
  }

  private void lose(int request) {
    Begun begun = open.remove(request);
    spent = begun == null ? spent : spent.add(begun.most);
  }

  /** Before a call is sent. */
  void begun(int request, Begun call) throws IOException {
    write("begun %d %s %s".formatted(request, call.most.toPlainString(), call.model));
  }

  /** A call ended that was not charged. */
  void free(int request) throws IOException {
    write("free " + request);
  }

  /** A call ended without an answer that may have been charged: it counts as reserved. */
  void lost(int request) throws IOException {
    write("lost " + request);
  }

  /**
   * A call was answered.
   *
   * @param cost null if the price is unknown
   */
  void answered(int request, @Nullable BigDecimal cost) throws IOException {
    write("answered %d %s".formatted(request, cost == null ? UNKNOWN : cost.toPlainString()));
  }

  private void write(String line) throws IOException {
    log.append((line.replace('\n', ' ') + "\n").getBytes(UTF_8));
  }

  /** The call of an earlier process that was in flight for this request; null if none was. */
  @Nullable Begun inFlight(int request) {
    return open.get(request);
  }

  /** Whether an answer to the request was noted, and counted. */
  boolean isCounted(int request) {
    return answered.get(request);
  }

  /** Notes an answer that a killed process has kept, but not counted. */
  void count(int request, @Nullable BigDecimal cost) throws IOException {
    answered(request, cost);
    read(new String[] {"answered", "" + request, cost == null ? UNKNOWN : cost.toPlainString()});
  }

  /**
   * Closes the calls that were in flight when an earlier process was killed.
   *
   * @param kept requests whose answers are in the file
   */
  void closeKilled(BitSet kept) throws IOException {
    for (int request : open.keySet().stream().sorted().toList()) {
      write("killed " + request);
      read(new String[] {"killed", "" + request});
    }
    BitSet gone = (BitSet) answered.clone();
    gone.andNot(kept); // the disk has lost these
    repeated += gone.cardinality();
  }

  /** What earlier processes have spent. */
  BigDecimal spent() {
    return spent;
  }

  /** Answers of earlier processes whose price is unknown. */
  long unpriced() {
    return unpriced;
  }

  /** Calls in flight when a process was killed. */
  long repeated() {
    return repeated;
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
