package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.caravan.routes.CaravanProcess.Ended;
import io.caravan.routes.OciImage.Layer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Checks the image of {@code -Pimage}: its configuration, its contents, and that it runs. */
@EnabledIfSystemProperty(named = "caravan.image", matches = ".+")
class ImageCheck {
  /** Runs the image as a container in its own mount namespace, with a folder as /tmp. */
  private static final String CONTAINER =
      """
      set -e
      root=$1 tmp=$2 work=$3 user=$4
      shift 4
      mkdir -p "$root/dev" "$root/proc"
      chmod 755 "$root"
      chmod 1777 "$tmp"
      [ -z "$work" ] || chown "$user" "$work"
      mount --bind "$root" "$root"
      [ -z "$work" ] || mount -o remount,bind,ro "$root"
      mount --rbind /dev "$root/dev"
      mount --rbind /proc "$root/proc"
      mount --bind "$tmp" "$root/tmp"
      [ -z "$work" ] || mount --bind "$work" "$root/caravan/work"
      exec chroot --userspec="$user" --groups= "$root" /bin/sh -c 'cd /caravan/work && exec "$0" "$@"' "$@"
      """;

  private static final Path SAMPLE = Path.of("samples/quickstart.jsonl").toAbsolutePath();

  private static OciImage image;
  private static List<Layer> layers;
  @TempDir private static Path root;

  @TempDir private Path tmp;
  @TempDir private Path work;

  @BeforeAll
  static void unpack() throws Exception {
    image = new OciImage(Path.of(System.getProperty("caravan.image")));
    layers = image.layers();
    image.unpack(root);
  }

  @AfterAll
  static void close() throws IOException {
    image.close();
  }

  @Test
  void hasConfigurationAndLabels() {
    JsonNode config = image.config().path("config");

    assertThat(texts(config.path("Entrypoint"))).containsExactly("/caravan/caravan");
    assertThat(config.path("Cmd")).isEmpty();
    assertThat(config.path("User").asText()).isEqualTo("10001:0");
    assertThat(config.path("WorkingDir").asText()).isEqualTo("/caravan/work");
    assertThat(config.path("ExposedPorts").fieldNames()).toIterable().containsExactly("8080/tcp");
    assertThat(image.config().path("created").asText()).isEqualTo("1970-01-01T00:00:00Z");
    JsonNode labels = config.path("Labels");
    assertThat(label(labels, "title")).isEqualTo("Caravan");
    assertThat(image.name()).isEqualTo("localhost/caravan:" + label(labels, "version"));
    assertThat(label(labels, "revision")).matches("[0-9a-f]{40}");
    assertThat(label(labels, "licenses")).isEqualTo("Apache-2.0");
  }

  @Test
  void hasTheNameUsedByKubernetes() throws IOException {
    JsonNode pod = deployment().findValue("containers");
    JsonNode config = image.config().path("config");

    assertThat(pod.at("/0/image").asText()).isEqualTo(image.name());
    assertThat(pod.at("/0/workingDir")).isEqualTo(config.path("WorkingDir"));
    assertThat(
            config.path("ExposedPorts").has(pod.at("/0/ports/0/containerPort").asText() + "/tcp"))
        .isTrue();
  }

  @Test
  void putsCaravanIntoSmallLayers() {
    List<Layer> own = own();

    assertThat(own.get(0).files())
        .allMatch(file -> file.matches("caravan/jars/[^/]+[.]jar"))
        .anyMatch(file -> file.contains("/camel-"))
        .noneMatch(file -> file.contains("onnxruntime"));
    if (own.get(1).files().stream()
        .anyMatch(file -> file.startsWith("caravan/jars/"))) { // otherwise built without model
      assertThat(own.get(1).files())
          .allMatch(
              file -> file.matches("caravan/jars/(langchain4j-|onnxruntime|tokenizers).+[.]jar"))
          .anyMatch(file -> file.contains("all-minilm"));
    }
    assertThat(own.stream().flatMap(layer -> layer.files().stream())).doesNotHaveDuplicates();
    assertThat(own.stream().map(Layer::files))
        .contains(List.of("caravan/caravan.cdx.json", "caravan/caravan.jar"));
  }

  @Test
  void putsAddedComponentsIntoALayer() {
    List<List<String>> layers =
        own().stream()
            .map(Layer::files)
            .filter(files -> files.toString().contains("caravan/lib/"))
            .toList();
    if (System.getenv().getOrDefault("COMPONENTS", "").isBlank()) {
      assertThat(layers).isEmpty();
    } else {
      assertThat(layers).hasSize(1);
      assertThat(layers.getFirst())
          .contains("caravan/lib/components.json")
          .anyMatch(file -> file.matches("caravan/lib/.+[.]jar"))
          .allMatch(file -> file.startsWith("caravan/lib/"));
    }
  }

  @Test
  void containsOnlyExpectedFiles() throws IOException {
    List<String> others =
        own().stream()
            .flatMap(layer -> layer.files().stream())
            .filter(file -> !file.matches("caravan/(jars|lib)/[^/]+|caravan/caravan-\\d+[.]aot"))
            .toList();

    assertThat(others)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(
                    Stream.of(
                        "caravan",
                        "caravan.jar",
                        "caravan.cdx.json",
                        "LICENSE",
                        "NOTICE",
                        ".mvn/jdk.sh"),
                    filesBelow("routes"),
                    filesBelow("config"))
                .flatMap(names -> names)
                .map(name -> "caravan/" + name)
                .toList());
    assertThat(texts(image.config().at("/config/Env")))
        .allMatch(
            variable -> variable.matches("(PATH|JAVA_HOME|JAVA_VERSION|LANG|LANGUAGE|LC_ALL)=.*"));
  }

  @Test
  void isWritableByRootOnly() {
    assertThat(own().stream().flatMap(layer -> layer.entries().stream()))
        .allSatisfy(entry -> {
          assertThat(entry.getLongUserId()).as(entry.getName()).isZero();
          assertThat(entry.getLongGroupId()).as(entry.getName()).isZero();
          assertThat(Integer.toOctalString(entry.getMode() & 07777))
              .as(entry.getName())
              .isEqualTo(
                  switch (entry.getName()) {
                    case "caravan/work/", "caravan/work" -> "775"; // for the group of "User"
                    case "caravan/caravan" -> "755";
                    default -> entry.isDirectory() ? "755" : "644";
                  });
        });
    assertThat(layers.stream().flatMap(layer -> layer.entries().stream()))
        .filteredOn(entry -> !entry.isSymbolicLink() && (entry.getMode() & 02) != 0)
        .allSatisfy(entry -> assertThat(entry.getMode() & 01000).as(entry.getName()).isNotZero());
  }

  @Test
  void includesSbom() throws IOException {
    JsonNode bill = new JsonMapper().readTree(root.resolve("caravan/caravan.cdx.json").toFile());

    assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(bill.at("/metadata/component/name").asText()).isEqualTo("caravan");
    assertThat(bill.path("components").findValuesAsText("name"))
        .contains("camel-core-engine", "sqlite-jdbc")
        .doesNotContain("assertj-core");
  }

  @Test
  void runsSampleWithReadOnlyRoot() throws Exception {
    JsonNode pod = deployment().findValue("securityContext");
    String user = pod.path("runAsUser").asText() + ":" + pod.path("runAsGroup").asText();

    Ended ended = containers() ? runInContainer(user, work.toString()) : runInPlace();

    assertThat(ended.code()).as(ended.output()).isZero();
    Outcome.all(work.resolve("outbox"), "quickstart").getFirst().counts(12, 8, 4);
  }

  @Test
  void runsSampleWithoutVolume() throws Exception {
    assumeTrue(containers(), "unshare needs root");

    Ended ended = runInContainer(image.config().at("/config/User").asText(), "");

    assertThat(ended.code()).as(ended.output()).isZero();
    Outcome.all(root.resolve("caravan/work/outbox"), "quickstart").getFirst().counts(12, 8, 4);
  }

  private Ended runInContainer(String user, String volume) throws Exception {
    Files.copy(SAMPLE, tmp.resolve("quickstart.jsonl"));
    List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", CONTAINER));
    command.addAll(List.of("sh", root.toString(), tmp.toString(), volume, user));
    command.addAll(texts(image.config().at("/config/Entrypoint")));
    command.addAll(List.of("run", "/tmp/quickstart.jsonl"));
    return end(new ProcessBuilder(command), "");
  }

  private Ended runInPlace() throws Exception {
    String launcher = root.resolve("caravan/caravan").toString();
    return end(
        new ProcessBuilder(launcher, "run", SAMPLE.toString()).directory(work.toFile()),
        root.toString());
  }

  /** Runs with the environment of the image and, if it has one, with its AOT cache. */
  private Ended end(ProcessBuilder builder, String prefix) throws Exception {
    Map<String, String> environment = builder.environment();
    environment.clear();
    for (String variable : texts(image.config().at("/config/Env"))) {
      String[] parts = variable.split("=", 2);
      environment.put(parts[0], parts[0].equals("JAVA_HOME") ? prefix + parts[1] : parts[1]);
    }
    if (own().stream().anyMatch(layer -> layer.files().toString().contains(".aot"))) {
      environment.put("JAVA_OPTS", "-XX:AOTMode=on"); // fails to start without the cache
    }
    Path output = Files.createTempFile("image", ".txt");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as(Files.readString(output)).isTrue();
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  /** Whether this user may create mount namespaces. */
  private static boolean containers() throws Exception {
    return new ProcessBuilder("sh", "-c", "unshare --mount true")
            .redirectErrorStream(true)
            .start()
            .waitFor()
        == 0;
  }

  /** The layers that the build adds to the base image. */
  private static List<Layer> own() {
    return layers.stream().filter(layer -> layer.maker().startsWith("jib-maven-plugin:")).toList();
  }

  private static JsonNode deployment() throws IOException {
    return new YAMLMapper().readTree(Path.of("k8s/deployment.yaml").toFile());
  }

  private static String label(JsonNode labels, String name) {
    return labels.path("org.opencontainers.image." + name).asText();
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }

  private static Stream<String> filesBelow(String folder) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      return files.filter(Files::isRegularFile).map(Path::toString).toList().stream()
          .filter(file -> !file.endsWith("kustomization.yaml"));
    }
  }
}
