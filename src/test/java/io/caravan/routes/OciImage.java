package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarFile;

/** A container image as a tar in OCI layout. */
final class OciImage implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final TarFile tar;
  private final JsonNode index;
  private final JsonNode manifest;
  private final JsonNode config;

  OciImage(Path file) throws IOException {
    tar = new TarFile(file);
    index = json("index.json").at("/manifests/0");
    manifest = json(blob(index));
    config = json(blob(manifest.path("config")));
  }

  /** The name under which engines load it. */
  String name() {
    return index.at("/annotations/org.opencontainers.image.ref.name").asText();
  }

  JsonNode config() {
    return config;
  }

  /** All layers, the lowest first. */
  List<Layer> layers() throws IOException {
    var layers = new ArrayList<Layer>();
    List<String> makers =
        config
            .path("history")
            .valueStream()
            .filter(step -> !step.path("empty_layer").asBoolean())
            .map(step -> step.path("created_by").asText())
            .toList();
    for (JsonNode descriptor : manifest.path("layers")) {
      layers.add(read(blob(descriptor), makers.get(layers.size())));
    }
    return layers;
  }

  /** Extracts the file system of a container. */
  void unpack(Path root) throws IOException, InterruptedException {
    for (JsonNode descriptor : manifest.path("layers")) {
      Process unpacking =
          new ProcessBuilder(
                  "tar", "-xzp", "--numeric-owner", "--warning=no-unknown-keyword", "-C", root + "")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (InputStream layer = open(blob(descriptor));
          OutputStream input = unpacking.getOutputStream()) {
        layer.transferTo(input);
      }
      assertThat(unpacking.waitFor()).isZero();
    }
  }

  private Layer read(String blob, String maker) throws IOException {
    var entries = new ArrayList<TarArchiveEntry>();
    try (var layer = new TarArchiveInputStream(new GZIPInputStream(open(blob)))) {
      for (var entry = layer.getNextEntry(); entry != null; entry = layer.getNextEntry()) {
        entries.add(entry);
      }
    }
    return new Layer(maker, entries);
  }

  private JsonNode json(String name) throws IOException {
    try (InputStream text = open(name)) {
      return JSON.readTree(new String(text.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private InputStream open(String name) throws IOException {
    for (TarArchiveEntry entry : tar.getEntries()) {
      if (entry.getName().equals(name)) {
        return tar.getInputStream(entry);
      }
    }
    throw new IOException("The image has no " + name);
  }

  private static String blob(JsonNode descriptor) {
    return "blobs/" + descriptor.path("digest").asText().replace(':', '/');
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }

  /** A layer: the tool that created it, and its files and folders. */
  record Layer(String maker, List<TarArchiveEntry> entries) {
    List<String> files() {
      return entries.stream()
          .filter(TarArchiveEntry::isFile)
          .map(TarArchiveEntry::getName)
          .toList();
    }
  }
}
