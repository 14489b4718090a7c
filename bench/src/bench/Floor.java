package bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A minimal client: upload, create, download. Its time is the provider's own time. */
final class Floor {
  private static final String BOUNDARY = "----bench";

  private Floor() {}

  static double seconds(String url, Path input, Path output) throws IOException {
    long start = System.nanoTime();
    String file = id(post(url + "/files", "multipart/form-data; boundary=" + BOUNDARY, out -> {
      out.write(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--" + BOUNDARY
          + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.jsonl\"\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      Files.copy(input, out);
      out.write(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    }));
    String batch = post(url + "/batches", "application/json",
        out -> out.write(("{\"input_file_id\": \"" + file + "\"}").getBytes(StandardCharsets.US_ASCII)));
    Matcher result = Pattern.compile("\"output_file_id\":\"([^\"]+)\"").matcher(batch);
    if (!result.find()) {
      throw new IOException("no output in " + batch);
    }
    var content = (HttpURLConnection) URI.create(url + "/files/" + result.group(1) + "/content").toURL().openConnection();
    try (InputStream in = content.getInputStream()) {
      Files.copy(in, output, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private interface Body {
    void write(OutputStream out) throws IOException;
  }

  private static String post(String url, String type, Body body) throws IOException {
    var call = (HttpURLConnection) URI.create(url).toURL().openConnection();
    call.setDoOutput(true);
    call.setChunkedStreamingMode(1 << 17);
    call.setRequestProperty("Content-Type", type);
    try (OutputStream out = call.getOutputStream()) {
      body.write(out);
    }
    try (InputStream in = call.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String id(String json) throws IOException {
    Matcher id = Pattern.compile("\"id\":\"([^\"]+)\"").matcher(json);
    if (!id.find()) {
      throw new IOException("no id in " + json);
    }
    return id.group(1);
  }
}
