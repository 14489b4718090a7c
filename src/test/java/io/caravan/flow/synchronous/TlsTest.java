package io.caravan.flow.synchronous;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.caravan.routes.Line;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls over TLS: the certificates are those that the JVM trusts. */
class TlsTest {
  private static final String PASSWORD = "changeit";
  private static final String ANSWER =
      """
      {"object":"chat.completion","choices":[{"index":0,"message":{"content":"Yes."}}]}
      """;

  @TempDir private Path folder;
  private final AtomicInteger heard = new AtomicInteger();

  @AfterEach
  void trustAsUsual() {
    System.clearProperty("javax.net.ssl.trustStore");
    System.clearProperty("javax.net.ssl.trustStorePassword");
  }

  @Test
  void trustsTheJvmsCertificates() throws Exception {
    assertThat(askedAt("127.0.0.1", "san=ip:127.0.0.1").answered()).isEqualTo(1);
    assertThat(heard).hasValue(1);
  }

  @Test
  void sendsNothingToAHostWithAnotherName() throws Exception {
    SynchronousOutcome outcome = askedAt("127.0.0.1", "san=dns:elsewhere.example");

    assertThat(outcome.unanswered()).isEqualTo(1);
    assertThat(outcome.lastProblem()).contains("No subject alternative names");
    assertThat(outcome.cost()).isZero();
    assertThat(heard).hasValue(0);
  }

  private SynchronousOutcome askedAt(String host, String names) throws Exception {
    Path store = certificate(names);
    HttpsServer server = start(store);
    System.setProperty("javax.net.ssl.trustStore", store.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
    String url = "https://%s:%d/v1".formatted(host, server.getAddress().getPort());
    try (var calls = new TestCalls(folder, Map.of("caravan.providers.openai.base-url", url))) {
      return calls.run(calls.order(Tier.STANDARD, Line.chat("1", "x")));
    } finally {
      server.stop(0);
    }
  }

  private HttpsServer start(Path store) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext("/v1/chat/completions", this::answer);
    server.start();
    return server;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      heard.incrementAndGet();
      exchange.getRequestBody().readAllBytes();
      byte[] answer = ANSWER.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private Path certificate(String names) throws IOException, InterruptedException {
    Path file = folder.resolve("server.p12");
    var keytool =
        new ProcessBuilder(
            System.getProperty("java.home") + "/bin/keytool",
            "-genkeypair",
            "-keystore",
            file.toString(),
            "-storepass",
            PASSWORD,
            "-keyalg",
            "EC",
            "-dname",
            "CN=server",
            "-ext",
            names);
    keytool.redirectErrorStream(true).redirectOutput(Redirect.DISCARD);
    assertThat(keytool.start().waitFor()).isZero();
    return file;
  }
}
