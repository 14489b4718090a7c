package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.routes.CaravanProcess.Ended;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unpacks and runs the archives of {@code -Prelease} as users do. */
class ArchiveCheck {
  private static final String NAME = Path.of(System.getProperty("caravan.archive")).toString();
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private static Path unpacked;
  private static Path complete;
  private static Path lean;

  @TempDir private Path folder;

  @BeforeAll
  static void unpack() throws Exception {
    complete = unpack(NAME);
    lean = unpack(NAME + "-lean");
  }

  @Test
  void runsQuickstartWithOnlyAJdk() throws Exception {
    Ended ended = run(complete.resolve("caravan"), complete, "samples/quickstart.jsonl");

    assertThat(ended.output())
        .contains("quickstart.jsonl: 12 requests, 8 results, 4 errors")
        .doesNotContain("not found");
    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(Outcome.all(complete.resolve("outbox"), "quickstart")).hasSize(1);
  }

  @Test
  void runsFromReadOnlyFolder() throws Exception {
    Path work = Files.createDirectory(folder.resolve("work"));
    call("chmod", "-R", "a-w", complete.toString());
    try {
      Ended ended = run(asAUser(complete, work), work, complete + "/samples/quickstart.jsonl");

      assertThat(ended.output()).contains("12 requests, 8 results, 4 errors");
      assertThat(ended.code()).as(ended.output()).isZero();
    } finally {
      call("chmod", "-R", "u+w", complete.toString());
    }
  }

  @Test
  void reportsMissingModelInLeanArchive() throws Exception {
    Ended ended = run(lean.resolve("caravan"), folder, lean + "/samples/quickstart.jsonl");

    assertThat(ended.output()).contains("12 requests, 0 results, 12 errors");
    assertThat(Files.readString(folder.resolve("outbox/errors/quickstart.errors.jsonl")))
        .contains("This is the lean build of Caravan, without an embedding model.");
  }

  @Test
  void servesSbom() throws Exception {
    int port = TestCaravan.freePort();
    try (HttpClient http = HttpClient.newHttpClient();
        CaravanProcess service =
            CaravanProcess.start(
                    complete.resolve("caravan"), folder, Map.of("SERVER_PORT", "" + port))
                .awaitReady(port)) {
      var uri = URI.create("http://127.0.0.1:%d/actuator/sbom/application".formatted(port));
      String served =
          http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();

      assertThat(JSON.readTree(served)).isEqualTo(bill(complete));
      assertThat(service.isAlive()).isTrue();
    }
  }

  @Test
  void listsAllLibraries() throws IOException {
    for (Path archive : List.of(complete, lean)) {
      List<String> jars;
      try (Stream<Path> files = Files.list(archive.resolve("jars"))) {
        jars = files.map(file -> file.getFileName().toString()).sorted().toList();
      }
      assertThat(bill(archive).at("/components").findValuesAsText("purl"))
          .map(ArchiveCheck::fileName)
          .as("components of the bill of materials")
          .containsAll(jars);
      assertThat(Files.readString(archive.resolve("THIRD-PARTY.txt")))
          .contains("LiteLLM")
          .doesNotContainIgnoringCase("unknown");
    }
    assertThat(Files.readString(complete.resolve("THIRD-PARTY.txt"))).contains("all-MiniLM-L6-v2");
    assertThat(Files.readString(complete.resolve("NOTICE")))
        .contains("all-MiniLM-L6-v2", "LiteLLM");
    for (String list : List.of("THIRD-PARTY.txt", "caravan.cdx.json")) {
      assertThat(Files.readString(complete.resolve(list))).contains("onnxruntime");
      assertThat(Files.readString(lean.resolve(list))).doesNotContain("minilm", "onnxruntime");
    }
  }

  @Test
  void hasNoBrokenLinksInReadme() throws IOException {
    List<String> links =
        Pattern.compile("]\\((?!https?:)([^)#]+)")
            .matcher(Files.readString(complete.resolve("README.md")))
            .results()
            .map((MatchResult link) -> link.group(1))
            .toList();

    assertThat(links).isNotEmpty().allMatch(link -> Files.exists(complete.resolve(link)));
  }

  @Test
  void includesShellCompletion() throws IOException {
    assertThat(Files.readString(complete.resolve("completion/caravan.bash")))
        .startsWith("#!/usr/bin/env bash")
        .contains("caravan");
  }

  private static JsonNode bill(Path archive) throws IOException {
    return JSON.readTree(archive.resolve("caravan.cdx.json").toFile());
  }

  /** The jar name for {@code pkg:maven/group/artifact@version?classifier=…}. */
  private static String fileName(String purl) {
    return purl.replaceAll("^pkg:maven/[^/]+/([^@]+)@([^?]+).*$", "$1-$2.jar");
  }

  private static Path unpack(String archive) throws Exception {
    call("tar", "-xzf", archive + ".tar.gz", "-C", unpacked.toString());
    return unpacked.resolve(Path.of(archive).getFileName());
  }

  /** The launcher; if root runs the tests, started as an unprivileged user. */
  private Path asAUser(Path archive, Path work) throws Exception {
    Path launcher = archive.resolve("caravan");
    if (!"root".equals(System.getProperty("user.name"))) {
      return launcher;
    }
    call("chmod", "a+rx", unpacked.toString(), folder.toString());
    call("chmod", "a+rwx", work.toString());
    return script(
        folder.resolve("as-a-user"),
        "/usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups " + launcher);
  }

  private static void call(String... command) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
        .as(String.join(" ", command))
        .isZero();
  }

  /** Runs a file with only the commands that the launcher needs, without Maven and home. */
  private Ended run(Path launcher, Path work, String file) throws Exception {
    Path commands = Files.createDirectory(folder.resolve("commands"));
    for (String name : List.of("dirname", "readlink", "sed")) {
      script(commands.resolve(name), "/usr/bin/" + name);
    }
    var variables = Map.of("PATH", commands.toString(), "HOME", folder.resolve("home").toString());
    try (CaravanProcess caravan = CaravanProcess.start(launcher, work, variables, "run", file)) {
      return caravan.awaitEnd(Duration.ofMinutes(5)); // the first run also writes the class archive
    }
  }

  private static Path script(Path file, String command) throws Exception {
    Files.writeString(file, "#!/bin/sh\nexec %s \"$@\"\n".formatted(command));
    call("chmod", "a+rx", file.toString());
    return file;
  }
}
