package io.caravan.routes.kill;

import io.caravan.kill.KillAgent;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;

/** Builds the jar of the kill agent for {@code -javaagent}. */
public final class AgentJar {
  private AgentJar() {}

  public static Path write(Path jar) throws IOException, URISyntaxException {
    Path classes = Path.of(source(KillAgent.class).toURI());
    String agent = KillAgent.class.getPackageName().replace('.', '/');
    var manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", KillAgent.class.getName());
    attributes.put(Attributes.Name.CLASS_PATH, source(ByteBuddy.class).toString());
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (Path file : filesIn(classes.resolve(agent))) {
        out.putNextEntry(new JarEntry(agent + "/" + file.getFileName()));
        Files.copy(file, out);
      }
    }
    return jar;
  }

  private static URL source(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
