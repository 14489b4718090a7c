package bench;

import io.caravan.jsonl.tokens.MediaTokens;
import io.caravan.jsonl.split.PartLimits;
import io.caravan.jsonl.split.RefusedLine;
import io.caravan.jsonl.split.RequestLine;
import io.caravan.jsonl.split.RequestSink;
import io.caravan.jsonl.split.Split;
import io.caravan.jsonl.split.Splitter;
import io.caravan.jsonl.split.ValidationRules;
import io.caravan.jsonl.split.Validator;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;

/**
 * Checks a file: {@code CheckFile FILE FOLDER ROUNDS} prints for each round the seconds of the check alone, for comparison with line readers,
 * and of check and split with parts on disk, as in a job.
 */
final class CheckFile {
  private static final RequestSink NOWHERE =
      new RequestSink() {
        @Override
        public void request(RequestLine request, ByteBuffer bytes) {}

        @Override
        public void refused(RefusedLine refused) {}
      };

  private CheckFile() {}

  public static void main(String[] args) throws Exception {
    var rules = new ValidationRules(Set.of("/v1/chat/completions", "/v1/embeddings"), 20_000_000, 10L << 30, 16 << 20, 2048);
    var splitter = new Splitter(rules, new PartLimits(50_000, 200L << 20, 50_000, model -> Long.MAX_VALUE, MediaTokens.OPENAI));
    for (int round = 0; round < Integer.parseInt(args[2]); round++) {
      long start = System.nanoTime();
      new Validator(rules).validate(Path.of(args[0]), NOWHERE);
      double check = (System.nanoTime() - start) / 1e9;
      start = System.nanoTime();
      Split split = splitter.split(Path.of(args[0]), "bench.jsonl", Path.of(args[1]));
      double job = (System.nanoTime() - start) / 1e9;
      System.out.printf("%.3f %.3f %d%n", check, job, split.summary().requests());
    }
  }
}
