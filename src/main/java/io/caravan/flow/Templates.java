package io.caravan.flow;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.job.CannotStartException;
import io.caravan.jsonl.convert.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads request templates, one YAML file each, from the templates folder or else from the built-in
 * ones. They are read at each use, so that an edit needs no restart.
 */
@Component
public class Templates {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String ENDING = ".yaml";

  private final Path folder;
  private final Environment settings;
  private final Map<String, Template> lastGood = new ConcurrentHashMap<>();

  public Templates(FlowProperties.Requests requests, Environment settings) {
    this.folder = requests.templates();
    this.settings = settings;
  }

  /**
   * Returns the template of that name; while its file is broken, in its last good form.
   *
   * @throws CannotStartException if it does not exist or was never good
   */
  public Template get(String name) {
    try {
      Template template = parse(name);
      lastGood.put(name, template);
      return template;
    } catch (CannotStartException e) {
      Template before = lastGood.get(name);
      if (before == null) {
        throw e;
      }
      return before;
    }
  }

  /** Why the present form of templates in use cannot be used, by file. */
  public Map<String, String> problems() {
    var problems = new TreeMap<String, String>();
    for (String name : lastGood.keySet()) {
      try {
        parse(name);
      } catch (CannotStartException e) {
        problems.put(folder.resolve(name + ENDING).toString(), e.getMessage() + " " + e.action());
      }
    }
    return problems;
  }

  private Template parse(String name) {
    try {
      String yaml = read(name);
      if (yaml == null) {
        throw new CannotStartException(
            "There is no template \"%s\".".formatted(name),
            "Create %s, or use a built-in one: default, embeddings."
                .formatted(folder.resolve(name + ENDING)));
      }
      Object members =
          new Yaml(new SafeConstructor(new LoaderOptions()))
              .load(settings.resolvePlaceholders(yaml));
      return JSON.convertValue(members == null ? Map.of() : members, Template.class);
    } catch (YAMLException | IllegalArgumentException e) {
      throw new CannotStartException(
          "The template \"%s\" cannot be read: %s".formatted(name, e.getMessage()),
          "Fix %s; config/templates/default.yaml is an example."
              .formatted(folder.resolve(name + ENDING)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable String read(String name) throws IOException {
    Path file = folder.resolve(name + ENDING);
    if (Files.exists(file)) {
      return Files.readString(file);
    }
    try (InputStream shipped = Templates.class.getResourceAsStream("/templates/" + name + ENDING)) {
      return shipped == null ? null : new String(shipped.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
