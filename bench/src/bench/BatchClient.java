package bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A minimal client of a real Batch API: upload, create, poll, download. */
record BatchClient(String url) {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String BOUNDARY = "----bench";
  private static final int LONGEST = 600_000;

  /** Seconds from the create until the batch is completed. */
  double seconds(Path input, Path output) throws IOException, InterruptedException {
    String file = member("id", post("/files", "multipart/form-data; boundary=" + BOUNDARY, BodyPublishers.ofInputStream(() -> form(input))));
    long start = System.nanoTime();
    String batch = post("/batches", "application/json", BodyPublishers.ofString(
        "{\"input_file_id\": \"%s\", \"endpoint\": \"/v1/chat/completions\", \"completion_window\": \"24h\"}".formatted(file)));
    String id = member("id", batch);
    while (!member("status", batch).equals("completed")) {
      if (List.of("failed", "expired", "cancelled").contains(member("status", batch)) || (System.nanoTime() - start) / 1_000_000 > LONGEST) {
        throw new IOException("the batch did not complete: " + batch);
      }
      Thread.sleep(20);
      batch = get("/batches/" + id);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    CLIENT.send(HttpRequest.newBuilder(URI.create(url + "/files/" + member("output_file_id", batch) + "/content")).build(),
        BodyHandlers.ofFile(output));
    return seconds;
  }

  private static InputStream form(Path input) {
    try {
      return new SequenceInputStream(java.util.Collections.enumeration(List.of(
          text("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--" + BOUNDARY
              + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.jsonl\"\r\n\r\n"),
          Files.newInputStream(input),
          text("\r\n--" + BOUNDARY + "--\r\n"))));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static InputStream text(String text) {
    return new java.io.ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  private String post(String path, String type, HttpRequest.BodyPublisher body) throws IOException, InterruptedException {
    return CLIENT.send(HttpRequest.newBuilder(URI.create(url + path)).header("Content-Type", type).POST(body).build(), BodyHandlers.ofString()).body();
  }

  private String get(String path) throws IOException, InterruptedException {
    return CLIENT.send(HttpRequest.newBuilder(URI.create(url + path)).build(), BodyHandlers.ofString()).body();
  }

  private static String member(String name, String json) throws IOException {
    Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(json);
    if (!found.find()) {
      throw new IOException("no %s in %s".formatted(name, json));
    }
    return found.group(1);
  }
}
