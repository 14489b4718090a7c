package io.caravan.routes.fake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;

/**
 * A fake of the S3 calls that pipelines use, in memory and without signatures. Like S3 itself, it
 * accepts any text as key, while stores based on files reject some keys.
 */
public final class OpaqueStore implements AutoCloseable {
  private final SortedMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final Map<String, SortedMap<Integer, byte[]>> uploads = new ConcurrentHashMap<>();
  private final RawHttp http;
  private final String bucket;

  public OpaqueStore(String bucket) throws IOException {
    this.bucket = bucket;
    this.http = new RawHttp(this::answer);
  }

  public String endpoint() {
    return "http://127.0.0.1:" + http.port();
  }

  public void put(String key, String content) {
    objects.put(key, content.getBytes(UTF_8));
  }

  public String get(String key) {
    return new String(content(key), UTF_8);
  }

  private byte[] content(String key) {
    return requireNonNull(objects.get(key), key);
  }

  public List<String> keys(String prefix) {
    return objects.keySet().stream().filter(key -> key.startsWith(prefix)).toList();
  }

  private Reply answer(Call call) {
    String key = call.path().substring(Math.min(bucket.length() + 2, call.path().length()));
    String upload = call.query().getOrDefault("uploadId", "");
    return switch (call.method()) {
      case "GET", "HEAD" ->
          call.query().containsKey("list-type")
              ? list(call.query().getOrDefault("prefix", ""))
              : read(key);
      case "POST" -> upload.isEmpty() ? begin(key) : complete(key, upload);
      case "PUT" -> upload.isEmpty() ? write(key, call) : writePart(upload, call);
      case "DELETE" -> {
        objects.remove(key);
        yield Reply.of(204, new byte[0]);
      }
      default -> Reply.of(405, new byte[0]);
    };
  }

  private Reply list(String prefix) {
    String entries =
        keys(prefix).stream()
            .map(key ->
                "<Contents><Key>%s</Key><LastModified>2026-03-01T12:00:00.000Z</LastModified><ETag>%s</ETag><Size>%d</Size></Contents>"
                    .formatted(
                        URLEncoder.encode(key, UTF_8), tag(content(key)), content(key).length))
            .collect(Collectors.joining());
    return xml(
        "ListBucketResult",
        "<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>" + entries);
  }

  private Reply read(String key) {
    byte[] content = objects.get(key);
    return content == null
        ? Reply.of(404, new byte[0])
        : Reply.of(200, content)
            .with("ETag", tag(content))
            .with("Last-Modified", "Sun, 01 Mar 2026 12:00:00 GMT");
  }

  private Reply write(String key, Call call) {
    String source = call.headers().get("x-amz-copy-source");
    byte[] content =
        source == null
            ? body(call)
            : content(URLDecoder.decode(source, UTF_8).replaceFirst("^/?" + bucket + "/", ""));
    objects.put(key, content);
    return source == null
        ? Reply.of(200, new byte[0]).with("ETag", tag(content))
        : xml("CopyObjectResult", "<ETag>" + tag(content) + "</ETag>");
  }

  private Reply begin(String key) {
    String id = "upload-" + uploads.size();
    uploads.put(id, new ConcurrentSkipListMap<>());
    return xml(
        "InitiateMultipartUploadResult",
        "<Key>%s</Key><UploadId>%s</UploadId>".formatted(URLEncoder.encode(key, UTF_8), id));
  }

  private Reply writePart(String upload, Call call) {
    byte[] content = body(call);
    requireNonNull(uploads.get(upload))
        .put(Integer.valueOf(call.query().get("partNumber")), content);
    return Reply.of(200, new byte[0]).with("ETag", tag(content));
  }

  /** Decodes a body signed in chunks: {@code <hex length>;chunk-signature=…}. */
  private static byte[] body(Call call) {
    if (!call.headers().getOrDefault("x-amz-content-sha256", "").startsWith("STREAMING-")) {
      return call.body();
    }
    var body = new StringBuilder();
    String rest = new String(call.body(), ISO_8859_1);
    for (int length = -1; length != 0; ) {
      int head = rest.indexOf('\n') + 1;
      length = Integer.parseInt(rest.substring(0, head).strip().replaceFirst(";.*", ""), 16);
      body.append(rest, head, head + length);
      rest = rest.substring(Math.min(head + length + 2, rest.length()));
    }
    return body.toString().getBytes(ISO_8859_1);
  }

  private Reply complete(String key, String upload) {
    String content =
        requireNonNull(uploads.remove(upload)).values().stream()
            .map(part -> new String(part, UTF_8))
            .collect(Collectors.joining());
    put(key, content);
    return xml("CompleteMultipartUploadResult", "<ETag>" + tag(content(key)) + "</ETag>");
  }

  private static String tag(byte[] content) {
    return "\"%08x\"".formatted(Arrays.hashCode(content));
  }

  private static Reply xml(String root, String content) {
    return Reply.of(200, "<%1$s>%2$s</%1$s>".formatted(root, content).getBytes(UTF_8))
        .with("Content-Type", "application/xml");
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
