package bench;

import static java.util.stream.Collectors.joining;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fake of OpenAI's Files and Batch API that answers immediately, in a separate process. Files are on disk; memory
 * holds a few words per batch. {@code InstantProvider FOLDER [hold]} prints its port, and with {@code hold} keeps
 * batches in progress until {@code POST /bench/complete}.
 */
final class InstantProvider {
  private static final int HEAD = 1 << 13;
  private static final Pattern INPUT = Pattern.compile("\"input_file_id\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern AFTER = Pattern.compile("(?:^|&)after=batch_(\\d+)");
  private static final int PAGE = 100;
  private static final Pattern METADATA = Pattern.compile("\"metadata\"\\s*:\\s*(\\{[^}]*})");
  private static final String ANSWER =
      "The order has left our warehouse and is with the carrier. You will get a link to follow it by mail today. "
          + "If the parcel is not with you within three working days, write to us again and name the number of the "
          + "order; the replacement is then sent on the same day and at our expense.\\n\\nSentiment: neutral. ";

  private record Upload(Path path, long from, long to) {}

  /** The state of a batch. */
  private static final class Held {
    final String input;
    final String metadata;
    final long lines;
    volatile boolean noticed;

    Held(String input, String metadata, long lines) {
      this.input = input;
      this.metadata = metadata;
      this.lines = lines;
    }
  }

  private final Path folder;
  private final AtomicLong last = new AtomicLong();
  private final AtomicLong polls = new AtomicLong();
  private final AtomicLong noticed = new AtomicLong();
  private final AtomicLong noticedMillis = new AtomicLong();
  private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
  private final Map<String, Held> batches = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<Long, String> order = new ConcurrentSkipListMap<>();
  private volatile boolean holds;
  private volatile long completedAt;

  private InstantProvider(Path folder, boolean holds) {
    this.folder = folder;
    this.holds = holds;
  }

  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    var provider = new InstantProvider(folder, args.length > 1 && args[1].equals("hold"));
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", provider::answer);
    server.start();
    System.out.println(server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String[] path = exchange.getRequestURI().getPath().substring(1).split("/");
      boolean post = exchange.getRequestMethod().equals("POST");
      switch (path.length > 1 ? path[1] : "") {
        case "files" -> files(exchange, path, post);
        case "batches" -> batches(exchange, path, post);
        case "complete" -> {
          completedAt = System.currentTimeMillis();
          holds = false;
          json(exchange, "{}");
        }
        case "stats" -> json(exchange, stats());
        default -> exchange.sendResponseHeaders(404, -1);
      }
    } catch (IOException | RuntimeException e) {
      e.printStackTrace();
      throw e;
    }
  }

  private String stats() {
    long known = noticed.get();
    return "{\"batches\":%d,\"polls\":%d,\"noticed\":%d,\"mean_millis\":%d}"
        .formatted(batches.size(), polls.get(), known, known == 0 ? 0 : noticedMillis.get() / known);
  }

  private void files(HttpExchange exchange, String[] path, boolean post) throws IOException {
    if (path.length == 2) {
      json(exchange, post ? upload(exchange) : "{\"object\":\"list\",\"data\":[],\"has_more\":false}");
      return;
    }
    Path output = folder.resolve(path[2]);
    if (path.length == 3) {
      Upload upload = uploads.get(path[2]);
      json(exchange, file(path[2], upload != null ? upload.to - upload.from : Files.size(output)));
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
    exchange.sendResponseHeaders(200, Files.size(output));
    try (OutputStream out = exchange.getResponseBody()) {
      Files.copy(output, out);
    }
  }

  private String upload(HttpExchange exchange) throws IOException {
    String id = "file-" + last.incrementAndGet();
    Path raw = folder.resolve(id);
    try (InputStream in = exchange.getRequestBody();
        OutputStream out = Files.newOutputStream(raw)) {
      byte[] piece = new byte[1 << 17];
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        out.write(piece, 0, read);
      }
    }
    Upload upload = cut(raw);
    uploads.put(id, upload);
    return file(id, upload.to - upload.from);
  }

  /** Finds the file's bytes in a multipart body by reading both ends of it. */
  private static Upload cut(Path raw) throws IOException {
    long size = Files.size(raw);
    try (FileChannel channel = FileChannel.open(raw)) {
      String head = latin(channel, 0, HEAD);
      String boundary = "\r\n" + head.substring(0, head.indexOf("\r\n"));
      long from = head.indexOf("\r\n\r\n", head.indexOf("filename=")) + 4L;
      long tail = Math.max(from, size - HEAD);
      return new Upload(raw, from, tail + latin(channel, tail, HEAD).indexOf(boundary));
    }
  }

  private static String latin(FileChannel channel, long at, int length) throws IOException {
    var bytes = java.nio.ByteBuffer.allocate((int) Math.min(length, channel.size() - at));
    while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) >= 0) {
      // reads until the buffer is full
    }
    return new String(bytes.array(), StandardCharsets.ISO_8859_1);
  }

  private void batches(HttpExchange exchange, String[] path, boolean post) throws IOException {
    if (path.length == 2 && !post) {
      json(exchange, list(exchange.getRequestURI().getQuery()));
    } else if (path.length == 2) {
      json(exchange, create(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
    } else {
      polls.incrementAndGet();
      Held batch = batches.get(path[2]);
      if (!holds && completedAt > 0 && !batch.noticed) {
        batch.noticed = true;
        noticed.incrementAndGet();
        noticedMillis.addAndGet(System.currentTimeMillis() - completedAt);
      }
      json(exchange, batch(path[2], batch));
    }
  }

  /** Newest first; each listed batch counts as a poll. */
  private String list(String query) {
    Matcher after = AFTER.matcher("" + query);
    long from = after.find() ? Long.parseLong(after.group(1)) : Long.MAX_VALUE;
    List<String> page = order.headMap(from).descendingMap().values().stream().limit(PAGE + 1).toList();
    String data = page.stream().limit(PAGE).map(id -> batch(id, batches.get(id))).collect(joining(","));
    polls.addAndGet(Math.min(page.size(), PAGE));
    return "{\"object\":\"list\",\"data\":[%s],\"has_more\":%b}".formatted(data, page.size() > PAGE);
  }

  private String create(String body) throws IOException {
    Matcher input = INPUT.matcher(body);
    Matcher metadata = METADATA.matcher(body);
    if (!input.find()) {
      throw new IOException("no input_file_id in " + body);
    }
    long number = last.incrementAndGet();
    String id = "batch_" + number;
    long lines = run(uploads.get(input.group(1)), folder.resolve("out-" + id));
    var held = new Held(input.group(1), metadata.find() ? metadata.group(1) : "{}", lines);
    batches.put(id, held);
    order.put(number, id);
    return batch(id, held);
  }

  /** Answers every line, reversed within a small window, since providers keep no order. */
  private static long run(Upload upload, Path output) throws IOException {
    long lines = 0;
    var window = new java.util.ArrayDeque<byte[]>();
    try (InputStream in = Files.newInputStream(upload.path);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(output), 1 << 17)) {
      in.skipNBytes(upload.from);
      var ids = new Ids(in, upload.to - upload.from);
      for (String id = ids.next(); id != null; id = ids.next()) {
        lines++;
        window.push(line(id, lines));
        if (window.size() == 64) {
          while (!window.isEmpty()) {
            out.write(window.pop());
          }
        }
      }
      while (!window.isEmpty()) {
        out.write(window.pop());
      }
    }
    Files.delete(upload.path);
    return lines;
  }

  private static byte[] line(String id, long number) {
    String more = ANSWER.substring(0, (int) (number * 37 % ANSWER.length()) / 2);
    return ("{\"id\":\"batch_req_" + number + "\",\"custom_id\":\"" + id
            + "\",\"response\":{\"status_code\":200,\"request_id\":\"req_" + number
            + "\",\"body\":{\"id\":\"chatcmpl-" + number + "\",\"object\":\"chat.completion\",\"created\":1773000000,"
            + "\"model\":\"gpt-4.1-mini-2025-04-14\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
            + ANSWER + more.replace("\\", "")
            + "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":812,"
            + "\"completion_tokens\":96,\"total_tokens\":908}}},\"error\":null}\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private String batch(String id, Held batch) {
    String status = holds ? "in_progress" : "completed";
    return ("{\"id\":\"%s\",\"object\":\"batch\",\"endpoint\":\"/v1/chat/completions\",\"input_file_id\":\"%s\",\"completion_window\":\"24h\","
            + "\"status\":\"%s\",\"output_file_id\":%s,\"error_file_id\":null,\"created_at\":1773000000,"
            + "\"request_counts\":{\"total\":%d,\"completed\":%d,\"failed\":0},\"metadata\":%s}")
        .formatted(id, batch.input, status, holds ? "null" : "\"out-" + id + "\"", batch.lines, holds ? 0 : batch.lines, batch.metadata);
  }

  private static String file(String id, long bytes) {
    return "{\"id\":\"%s\",\"object\":\"file\",\"bytes\":%d,\"created_at\":1773000000,\"filename\":\"x.jsonl\",\"purpose\":\"batch\"}"
        .formatted(id, bytes);
  }

  private static void json(HttpExchange exchange, String text) throws IOException {
    exchange.getRequestBody().skip(Long.MAX_VALUE);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
