package bench;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Writes files of realistic requests; the same seed and sizes give the same bytes. */
final class Generator {
  /** The kind of requests. */
  enum Kind {
    CHAT,
    EMBEDDINGS
  }

  private static final int POOL = 1 << 20;
  private static final int LONGEST = POOL / 2;
  private static final int SYSTEM_PROMPTS = 24;
  private static final String[] WORDS = {
    "the", "of", "and", "a", "to", "in", "is", "customer", "order", "delivery", "late", "invoice", "refund", "please",
    "summarise", "classify", "translate", "review", "product", "quality", "support", "ticket", "account", "reset",
    "shipping", "price", "warranty", "damaged", "excellent", "disappointing", "recommend", "however", "because",
    "between", "contract", "clause", "liability", "analysis", "revenue", "quarter", "growth", "margin", "patient",
    "symptom", "treatment", "function", "returns", "null", "exception", "server", "timeout", "database", "Größe",
    "français", "español", "naïve", "日本語", "данные", "数据", "😀", "€", "\\\"quoted\\\"", "C:\\\\Users", "\\u00e9t\\u00e9",
    "1,299.00", "2026-03-14", "#4711", "https://example.com/a?b=c", "{key: value}", "[1, 2, 3]", "<b>bold</b>"
  };

  private final SplittableRandom random;
  private final byte[] pool;
  private final int[] starts; // of words in the pool
  private final byte[][] systems = new byte[SYSTEM_PROMPTS][];

  Generator(long seed) {
    this.random = new SplittableRandom(seed);
    var text = new ByteArrayOutputStream(POOL + 64);
    var positions = new java.util.ArrayList<Integer>();
    while (text.size() < POOL) {
      positions.add(text.size());
      text.writeBytes(WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.UTF_8));
      text.writeBytes((random.nextInt(14) == 0 ? ".\\n" : " ").getBytes(StandardCharsets.US_ASCII));
    }
    this.pool = text.toByteArray();
    this.starts = positions.stream().mapToInt(Integer::intValue).toArray();
    for (int i = 0; i < SYSTEM_PROMPTS; i++) {
      var prompt = new ByteArrayOutputStream();
      text(prompt, 60 + random.nextInt(600));
      systems[i] = prompt.toByteArray();
    }
  }

  /** Writes this many lines with about this many bytes in total; a line has at least its JSON frame. */
  void write(Path file, Kind kind, long lines, long bytes) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 18)) {
      var line = new ByteArrayOutputStream(1 << 14);
      long written = 0;
      for (long number = 1; number <= lines; number++) {
        line.reset();
        long mean = (bytes - written) / (lines - number + 1);
        write(line, kind, number, number == lines ? mean : (long) (mean * (0.35 + 1.3 * random.nextDouble())));
        written += line.size();
        line.writeTo(out);
      }
    }
  }

  private void write(ByteArrayOutputStream line, Kind kind, long number, long length) {
    switch (kind) {
      case CHAT -> {
        ascii(line, "{\"custom_id\": \"%s-%07d\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": "
            .formatted(number % 3 == 0 ? "ticket" : "review", number));
        ascii(line, "{\"model\": \"gpt-4.1-mini\", \"temperature\": 0.%d, \"max_tokens\": %d, \"messages\": [{\"role\": \"system\", \"content\": \""
            .formatted(random.nextInt(10), 64 << random.nextInt(5)));
        byte[] system = systems[random.nextInt(SYSTEM_PROMPTS)];
        if (line.size() + system.length + 60 < length) {
          line.writeBytes(system);
        }
        ascii(line, "\"}, {\"role\": \"user\", \"content\": \"");
        boolean formatted = random.nextInt(8) == 0;
        text(line, length - line.size() - (formatted ? 45 : 6));
        ascii(line, "\"}]" + (formatted ? ", \"response_format\": {\"type\": \"json_object\"}" : "") + "}}\n");
      }
      case EMBEDDINGS -> {
        ascii(line, "{\"custom_id\": \"text-%07d\", \"method\": \"POST\", \"url\": \"/v1/embeddings\", \"body\": ".formatted(number));
        ascii(line, "{\"model\": \"text-embedding-3-small\", \"input\": \"");
        text(line, length - line.size() - 4);
        ascii(line, "\"}}\n");
      }
    }
  }

  /** Whole words from the pool. */
  private void text(ByteArrayOutputStream to, long wanted) {
    int length = (int) Math.clamp(wanted, 1, LONGEST);
    int first = random.nextInt(starts.length / 2);
    int last = java.util.Arrays.binarySearch(starts, first, starts.length, starts[first] + length);
    last = last < 0 ? -last - 2 : last;
    to.write(pool, starts[first], starts[Math.max(last, first + 1)] - starts[first]);
  }

  private static void ascii(ByteArrayOutputStream to, String text) {
    to.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** {@code Generator FILE LINES BYTES [chat|embeddings [SEED]]}. */
  public static void main(String[] args) throws IOException {
    Kind kind = args.length > 3 ? Kind.valueOf(args[3].toUpperCase(java.util.Locale.ROOT)) : Kind.CHAT;
    new Generator(args.length > 4 ? Long.parseLong(args[4]) : 1)
        .write(Path.of(args[0]), kind, Long.parseLong(args[1]), Long.parseLong(args[2]));
  }
}
