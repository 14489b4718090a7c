package bench;

import io.caravan.jsonl.PartLimits;
import io.caravan.jsonl.Split;
import io.caravan.jsonl.Splitter;
import io.caravan.jsonl.ValidationRules;
import java.nio.file.Path;
import java.util.Set;

/** Caravan's check of a file, as its job does it, parts written and all: {@code CheckFile FILE FOLDER ROUNDS} prints seconds. */
final class CheckFile {
  private CheckFile() {}

  public static void main(String[] args) throws Exception {
    var rules = new ValidationRules(Set.of("/v1/chat/completions", "/v1/embeddings"), 20_000_000, 10L << 30, 16 << 20, true, true);
    var splitter = new Splitter(rules, new PartLimits(50_000, 200L << 20));
    for (int round = 0; round < Integer.parseInt(args[2]); round++) {
      long start = System.nanoTime();
      Split split = splitter.split(Path.of(args[0]), "bench.jsonl", Path.of(args[1]));
      System.out.printf("%.3f %d %d%n", (System.nanoTime() - start) / 1e9, split.summary().requests(), split.summary().refused());
    }
  }
}
