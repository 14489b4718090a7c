package io.caravan.jsonl.split;

import io.caravan.jsonl.LineReader;
import io.caravan.jsonl.Reason;
import io.caravan.jsonl.settle.AnswerFile;
import io.caravan.jsonl.settle.AnswerLine;
import io.caravan.jsonl.settle.Settled;
import io.caravan.jsonl.settle.Settlement;
import io.caravan.jsonl.tokens.MediaTokens;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Splits and settles a file of generated lines and prints times and heap use: {@code
 * GrowthBenchmark LINES [FOLDER [ROUNDS]]}. The answers of each part are shuffled within windows.
 */
final class GrowthBenchmark {
  private static final int WINDOW = 5_000;
  private static final int MODELS = 4;

  private final PrintStream out;
  private final int lines;
  private final Path folder;

  private GrowthBenchmark(PrintStream out, int lines, Path folder) {
    this.out = out;
    this.lines = lines;
    this.folder = folder;
  }

  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args.length > 1 ? args[1] : "."));
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 1;
    new GrowthBenchmark(System.out, Integer.parseInt(args[0]), folder).run(rounds);
  }

  private void run(int rounds) throws IOException {
    out.printf("%,d lines, maximum heap %d MB%n", lines, Runtime.getRuntime().maxMemory() >> 20);
    Path input = folder.resolve("input.jsonl");
    writeInput(input);
    Split split = split(input);
    for (int round = 1; round < rounds; round++) {
      split = split(input);
    }
    if (split.summary().requests() != lines || split.summary().refused() > 0) {
      throw new IllegalStateException("Some lines were refused: " + split.summary());
    }
    List<AnswerFile> answers = answer(split);
    for (int round = 0; round < rounds; round++) {
      settle(answers);
    }
  }

  private void writeInput(Path input) throws IOException {
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(input), 1 << 16)) {
      for (int i = 0; i < lines; i++) {
        file.write(
            """
            {"custom_id":"request-%08d","method":"POST","url":"/v1/chat/completions","body":{"model":"m-%d",\
            "messages":[{"role":"user","content":"Is number %d a prime?"}]}}
            """
                .formatted(i, i / 7 % MODELS, i)
                .getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private Split split(Path input) throws IOException {
    var rules =
        new ValidationRules(Set.of("/v1/chat/completions"), lines, 1L << 40, 16 << 20, 50_000);
    try (HeapWatch heap = new HeapWatch()) {
      long begin = System.nanoTime();
      Split split =
          new Splitter(
                  rules,
                  new PartLimits(
                      50_000, 200_000_000, 50_000, model -> Long.MAX_VALUE, MediaTokens.OPENAI))
              .split(input, "input.jsonl", folder);
      tell("validate and split", Files.size(input), begin, heap);
      return split;
    }
  }

  private List<AnswerFile> answer(Split split) throws IOException {
    var answers = new ArrayList<AnswerFile>();
    for (PartFile part : split.parts()) {
      Path file = folder.resolve("part-%d.output.jsonl".formatted(part.number()));
      answer(part, file);
      answers.add(new AnswerFile(file, 1, null, false));
    }
    return answers;
  }

  private static void answer(PartFile part, Path file) throws IOException {
    var random = new Random(part.number());
    var window = new ArrayList<byte[]>();
    try (LineReader requests = PartLines.open(part.file());
        OutputStream output = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      while (requests.next()) {
        int id = requests.start() + "{\"custom_id\":\"".length();
        String name =
            new String(
                requests.buffer(), id, "request-00000000".length(), StandardCharsets.US_ASCII);
        window.add(
            """
            {"id":"batch_req_1","custom_id":"%s","response":{"status_code":200,"request_id":"q","body":\
            {"usage":{"prompt_tokens":9,"completion_tokens":3}}},"error":null}
            """
                .formatted(name)
                .getBytes(StandardCharsets.US_ASCII));
        if (window.size() == WINDOW) {
          flush(window, random, output);
        }
      }
      flush(window, random, output);
    }
  }

  private static void flush(List<byte[]> window, Random random, OutputStream output)
      throws IOException {
    Collections.shuffle(window, random);
    for (byte[] line : window) {
      output.write(line);
    }
    window.clear();
  }

  private void settle(List<AnswerFile> answers) throws IOException {
    Path results = folder.resolve("results.jsonl");
    Settled settled;
    try (HeapWatch heap = new HeapWatch()) {
      long begin = System.nanoTime();
      settled =
          new Settlement(folder, "input.jsonl", answers, Reason.NOT_ANSWERED)
              .settle(results, folder.resolve("errors.jsonl"));
      tell("settle", Files.size(results), begin, heap);
    }
    if (settled.results() != lines || !inOrder(results)) {
      throw new IllegalStateException("The results are not those of the input: " + settled);
    }
  }

  private boolean inOrder(Path results) throws IOException {
    try (LineReader reader = PartLines.open(results)) {
      int line = 0;
      while (reader.next()) {
        AnswerLine answer = AnswerLine.read(reader);
        if (answer == null || !answer.customId().equals("request-%08d".formatted(line++))) {
          return false;
        }
      }
      return line == lines;
    }
  }

  private void tell(String what, long bytes, long begin, HeapWatch heap) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    out.printf(
        "%-18s %7.1f s  %5.0f MB/s  %,10.0f lines/s  heap: in use at most %4d MB, after collection %4d MB%n",
        what, seconds, bytes / seconds / 1e6, lines / seconds, heap.peak(), heap.live());
  }

  /** Measures heap use. */
  private static final class HeapWatch implements AutoCloseable {
    private final HeapSampler sampler = new HeapSampler();

    HeapWatch() {
      System.gc();
      ManagementFactory.getMemoryPoolMXBeans().forEach(pool -> pool.resetPeakUsage());
      sampler.listen();
    }

    /** The peak heap use, including garbage. */
    long peak() {
      return ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
              .mapToLong(pool -> pool.getPeakUsage().getUsed())
              .sum()
          >> 20;
    }

    /** The highest heap use after a collection during the measurement. */
    long live() {
      return sampler.highest() >> 20;
    }

    @Override
    public void close() {
      sampler.close();
    }
  }
}
