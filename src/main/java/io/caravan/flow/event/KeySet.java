package io.caravan.flow.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The key set at a URL; a call has a limit of time and size, and follows no redirect. */
final class KeySet implements PublicKeys.Source {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int MOST_BYTES = 256 << 10;

  private final URI url;
  private final Duration limit;

  KeySet(URI url, Duration limit) {
    this.url = url;
    this.limit = limit;
  }

  @Override
  public String fetch() throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    try {
      return client
          .sendAsync(HttpRequest.newBuilder(url).build(), BodyHandlers.ofInputStream())
          .thenApplyAsync(KeySet::read)
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new InterruptedIOException("no answer within %d s".formatted(limit.toSeconds()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      client.shutdownNow(); // also ends the reading of a slow answer
    }
  }

  private static String read(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw new IOException("HTTP " + response.statusCode());
      }
      byte[] bytes = body.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException("the answer is larger than %,d bytes".formatted(MOST_BYTES));
      }
      return new String(bytes, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
