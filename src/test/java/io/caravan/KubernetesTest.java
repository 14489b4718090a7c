package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;
import org.yaml.snakeyaml.Yaml;

/** Compares the output of {@code kubectl kustomize k8s} with the files on disk. */
class KubernetesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path scratch;

  @Test
  void listsEveryFileOfRoutesAndConfig() throws IOException {
    assertThat(generated().keySet())
        .as("files under configMapGenerator in routes/ and config/")
        .containsExactlyInAnyOrderElementsOf(filesOnDisk());
  }

  @Test
  void mountsEveryListedFileAtItsPathOnDisk() throws IOException {
    Map<String, String> folders = mounted(read("k8s/deployment.yaml").getFirst());

    assertThat(generated())
        .allSatisfy((file, key) ->
            assertThat(folders.get(folderName(key)) + "/" + fileName(key)).isEqualTo(file));
  }

  @Test
  void runningPodsTakeChangedPipelines() throws IOException {
    assertThat(render().fieldNames())
        .toIterable()
        .contains(
            "ConfigMap caravan-pipelines",
            "ConfigMap caravan-providers",
            "ConfigMap caravan-templates")
        .doesNotContain("ConfigMap caravan-routes", "ConfigMap caravan-config");
  }

  /** Maps each file that a generator lists to {@code <ConfigMap>/<key>}. */
  private static Map<String, String> generated() throws IOException {
    var generated = new HashMap<String, String>();
    for (var folder : List.of("routes", "config")) {
      for (var map : read(folder + "/kustomization.yaml").getFirst().at("/configMapGenerator")) {
        texts(map.at("/files"))
            .forEach(file ->
                generated.put(
                    folder + "/" + file, map.at("/name").asText() + "/" + fileName(file)));
      }
    }
    return generated;
  }

  @Test
  void rendersNoSecret() throws IOException {
    assertThat(render().fieldNames())
        .toIterable()
        .contains("Deployment caravan")
        .noneMatch(name -> name.startsWith("Secret "));
  }

  @Test
  void rendersRestrictedPod() throws IOException {
    var pod = render().path("Deployment caravan").at("/spec/template/spec");

    assertThat(pod.at("/automountServiceAccountToken").asText()).isEqualTo("false");
    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(10001);
    assertThat(pod.at("/securityContext/fsGroup").asInt()).isEqualTo(10001);
    assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    var container = pod.at("/containers/0/securityContext");
    assertThat(container.at("/readOnlyRootFilesystem").asBoolean()).isTrue();
    assertThat(container.at("/allowPrivilegeEscalation").asText()).isEqualTo("false");
    assertThat(container.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
  }

  @Test
  void rendersProbesOnSeparatePort() throws IOException {
    var rendered = render();
    var container = rendered.path("Deployment caravan").at("/spec/template/spec/containers/0");

    assertThat(container.at("/startupProbe/httpGet/path").asText()).endsWith("/health/liveness");
    assertThat(container.at("/livenessProbe/httpGet/path").asText()).endsWith("/health/liveness");
    assertThat(container.at("/readinessProbe/httpGet/path").asText()).endsWith("/health/readiness");
    assertThat(container.findValues("httpGet"))
        .hasSize(3)
        .allMatch(probe -> probe.path("port").asText().equals("management"));
    assertThat(container.at("/ports/1/name").asText()).isEqualTo("management");
    assertThat(container.at("/ports/1/containerPort").asInt()).isEqualTo(8081);
    assertThat(container.at("/env").toString())
        .contains("{\"name\":\"MANAGEMENT_SERVER_PORT\",\"value\":\"8081\"}");
    assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(8080);
    assertThat(rendered.path("Service caravan").at("/spec/ports/0/targetPort"))
        .isEqualTo(container.at("/ports/0/name"));
    var policy = rendered.path("NetworkPolicy caravan").at("/spec/ingress");
    assertThat(policy.at("/0/from").toString()).contains("caravan-client").doesNotContain("prom");
    assertThat(policy.at("/0/ports").toString()).isEqualTo("[{\"port\":8080}]");
    assertThat(policy.at("/1/from").toString()).contains("prometheus");
    assertThat(policy.at("/1/ports").toString()).isEqualTo("[{\"port\":8081}]");
  }

  @Test
  void rendersSingleWriterForVolume() throws IOException {
    var rendered = render();
    var deployment = rendered.path("Deployment caravan");

    assertThat(deployment.at("/spec/replicas").asInt()).isEqualTo(1);
    assertThat(deployment.at("/spec/strategy/type").asText()).isEqualTo("Recreate");
    var claim = deployment.findValue("persistentVolumeClaim").at("/claimName").asText();
    assertThat(rendered.has("PersistentVolumeClaim " + claim)).as(claim).isTrue();
  }

  @Test
  void rendersReplicasWithSharedBucketAndDatabase() throws IOException {
    for (var folder : List.of("k8s", "k8s/replicas", "routes", "config")) {
      FileSystemUtils.copyRecursively(Path.of(folder), scratch.resolve(folder));
    }
    Path kustomization = scratch.resolve("k8s/kustomization.yaml");
    Files.writeString(
        kustomization, Files.readString(kustomization).replace("# components:", "components:"));

    var rendered = render(scratch.resolve("k8s"));

    var deployment = rendered.path("Deployment caravan");
    assertThat(deployment.at("/spec/replicas").asInt()).isEqualTo(3);
    assertThat(deployment.at("/spec/strategy/type").asText()).isEqualTo("RollingUpdate");
    assertThat(deployment.at("/spec/template/spec/containers/0/env").toString())
        .contains("CARAVAN_DATABASE_URL", "jdbc:postgresql:", "CARAVAN_PROVIDER")
        .contains("CARAVAN_WORKSPACE_URL", "s3://");
    assertThat(deployment.at("/spec/template/spec/volumes").toString())
        .contains("{\"emptyDir\":{},\"name\":\"data\"}", "caravan-work", "caravan-pipelines");
    assertThat(deployment.at("/spec/template/spec/containers/0/volumeMounts").toString())
        .contains("/caravan/data", "/caravan/work", "/caravan/routes");
    assertThat(
            rendered.path("PersistentVolumeClaim caravan-work").at("/spec/accessModes").toString())
        .isEqualTo("[\"ReadWriteMany\"]");
  }

  @Test
  void rendersSampleOfEnvironment() throws IOException {
    var sample = Path.of("samples/kubernetes/staging");

    var rendered = render(sample);

    var deployment = rendered.path("Deployment caravan");
    assertThat(deployment.at("/spec/template/spec/containers/0/env").toString())
        .contains("{\"name\":\"SPRING_PROFILES_ACTIVE\",\"value\":\"staging\"}")
        .contains("\"SPRING_CONFIG_ADDITIONAL_LOCATION\",\"value\":\"file:/caravan/environment/\"")
        .contains("MANAGEMENT_SERVER_PORT")
        .doesNotContain("CARAVAN_PROVIDER");
    assertThat(deployment.at("/spec/template/spec/containers/0/volumeMounts").toString())
        .contains("/caravan/environment", "/caravan/config", "/caravan/work");
    String map =
        deployment.at("/spec/template/spec/volumes").findValue("configMap").at("/name").asText();
    assertThat(rendered.path("ConfigMap " + map).at("/data/application-staging.yaml").asText())
        .isEqualTo(Files.readString(sample.resolve("application-staging.yaml")));
    assertThat(rendered).allMatch(it -> it.at("/metadata/namespace").asText().equals("staging"));
  }

  @Test
  void rendersConfigMapsWithFilesOnDisk() throws IOException {
    var rendered = render();

    mounted(rendered.path("Deployment caravan"))
        .forEach((map, folder) -> {
          var files = rendered.path("ConfigMap " + map).at("/data");
          assertThat(files).as(map).isNotEmpty();
          files
              .properties()
              .forEach(file ->
                  assertThat(Path.of(folder, file.getKey())).hasContent(file.getValue().asText()));
        });
  }

  /** Renders the folder with kustomize; returns the resources by kind and name. */
  private ObjectNode render() throws IOException {
    return render(Path.of("k8s"));
  }

  private ObjectNode render(Path folder) throws IOException {
    assumeTrue(
        isOnPath("kubectl"), "kubectl is not on the PATH: nothing renders the kustomization");
    var output = scratch.resolve("rendered.yaml");
    var errors = scratch.resolve("errors.txt");
    var kubectl =
        new ProcessBuilder("kubectl", "kustomize", folder.toString())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    var exitCode = kubectl.onExit().join().exitValue();
    assertThat(Files.readString(errors)).as("kubectl's warnings and errors").isEmpty();
    assertThat(exitCode).isZero();
    var rendered = JSON.createObjectNode();
    for (var resource : read(output.toString())) {
      var name = resource.at("/metadata/name").asText();
      rendered.set(resource.at("/kind").asText() + " " + name, resource);
    }
    return rendered;
  }

  /** The folders below /caravan at which ConfigMaps are mounted as a whole, by their names. */
  private static Map<String, String> mounted(JsonNode deployment) {
    var pod = deployment.at("/spec/template/spec");
    var mounted = new HashMap<String, String>();
    for (var volume : pod.at("/volumes")) {
      for (var mount : pod.at("/containers/0/volumeMounts")) {
        if (volume.has("configMap") && mount.at("/name").equals(volume.at("/name"))) {
          assertThat(mount.has("subPath") || volume.at("/configMap").has("items")).isFalse();
          mounted.put(
              volume.at("/configMap/name").asText(),
              mount.at("/mountPath").asText().replaceFirst("^/caravan/", ""));
        }
      }
    }
    return mounted;
  }

  private static List<String> filesOnDisk() throws IOException {
    var files = new ArrayList<String>();
    for (var folder : List.of("routes", "config")) {
      try (Stream<Path> paths = Files.walk(Path.of(folder))) {
        paths
            .map(path -> path.toString().replace(File.separatorChar, '/'))
            .filter(
                path -> path.matches(".*[.](yaml|json)") && !path.endsWith("kustomization.yaml"))
            .forEach(files::add);
      }
    }
    return files;
  }

  private static List<JsonNode> read(String file) throws IOException {
    var documents = new ArrayList<JsonNode>();
    new Yaml()
        .loadAll(Files.readString(Path.of(file)))
        .forEach(each -> documents.add(JSON.valueToTree(each)));
    return documents;
  }

  private static Stream<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asText);
  }

  private static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String folderName(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  private static boolean isOnPath(String program) {
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
