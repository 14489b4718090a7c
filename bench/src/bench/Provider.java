package bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The instant provider as a process. */
final class Provider implements AutoCloseable {
  private final Child child;
  private final int port;

  private Provider(Child child, int port) {
    this.child = child;
    this.port = port;
  }

  static Provider start(Machine machine, Path folder, String... more) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(Machine.JAVA, "-Xmx128m", "-XX:+UseSerialGC", "-Dsun.net.httpserver.nodelay=true",
        "-cp", machine.classes().toString(), "bench.InstantProvider", folder.resolve("provider").toString()));
    command.addAll(List.of(more));
    Child child = Child.start(folder, Map.of(), command);
    for (int i = 0; i < 300 && child.isAlive(); i++) {
      if (child.output().matches("\\d+")) {
        return new Provider(child, Integer.parseInt(child.output()));
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("the provider did not start: " + child.output());
  }

  String url() {
    return "http://127.0.0.1:" + port + "/v1";
  }

  /** The variables that point Caravan to it. */
  Map<String, String> variables() {
    return Map.of("CARAVAN_PROVIDER", "openai", "OPENAI_BASE_URL", url(), "OPENAI_API_KEY", "sk-bench");
  }

  /** Completes all held batches. */
  void complete() throws IOException, InterruptedException {
    Http.post("http://127.0.0.1:" + port + "/bench/complete");
  }

  /** One of its counts: batches, polls, noticed, mean_millis. */
  long count(String name) throws IOException, InterruptedException {
    Matcher found = Pattern.compile("\"" + name + "\":(\\d+)").matcher(Http.get("http://127.0.0.1:" + port + "/bench/stats"));
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  @Override
  public void close() {
    child.close();
  }

  /** An HTTP client for small calls. */
  static final class Http {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Http() {}

    static String get(String url) throws IOException, InterruptedException {
      return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString()).body();
    }

    static int status(String url) throws InterruptedException {
      try {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.discarding()).statusCode();
      } catch (IOException e) {
        return 0;
      }
    }

    static String post(String url) throws IOException, InterruptedException {
      return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).POST(HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.ofString()).body();
    }
  }
}
