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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
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
  private static final List<String> BUILT_IN = List.of("default", "embeddings");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][\\w-]*(\\.[\\w-]+)*");

  /** In place of the text of a file that does not exist; no YAML. */
  private static final String MISSING = "\0";

  private final Path folder;
  private final Environment settings;
  private final Map<String, Good> lastGood = new ConcurrentHashMap<>();

  /** A template in the form that was last used. */
  private record Good(String text, Template template) {}

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
    return get(name, text(name));
  }

  private Template get(String name, String text) {
    Good before = lastGood.get(name);
    if (before != null && before.text().equals(text)) {
      return before.template();
    }
    try {
      Template template = parse(name, text);
      lastGood.put(name, new Good(text, template));
      return template;
    } catch (CannotStartException e) {
      if (before == null) {
        throw e;
      }
      return before.template();
    }
  }

  /** The template of that name, if there is one; a name that is no file name has none. */
  public Optional<Template> find(String name) {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    String text = text(name);
    return text.equals(MISSING) ? Optional.empty() : Optional.of(get(name, text));
  }

  /** Why the present form of templates in use cannot be used, by file. */
  public Map<String, String> problems() {
    var problems = new TreeMap<String, String>();
    lastGood.forEach((name, good) -> {
      String text = text(name);
      if (!text.equals(good.text())) {
        try {
          lastGood.put(name, new Good(text, parse(name, text)));
        } catch (CannotStartException e) {
          problems.put(folder.resolve(name + ENDING).toString(), e.getMessage() + " " + e.action());
        }
      }
    });
    return problems;
  }

  private Template parse(String name, String text) {
    if (text.equals(MISSING)) {
      throw new CannotStartException(
          "There is no template \"%s\".".formatted(name),
          "Create %s, or use a built-in one: %s."
              .formatted(folder.resolve(name + ENDING), String.join(", ", BUILT_IN)));
    }
    try {
      Object members =
          new Yaml(new SafeConstructor(new LoaderOptions()))
              .load(settings.resolvePlaceholders(text));
      return JSON.convertValue(members == null ? Map.of() : members, Template.class);
    } catch (YAMLException | IllegalArgumentException e) {
      throw new CannotStartException(
          "The template \"%s\" cannot be read: %s".formatted(name, e.getMessage()),
          "Fix %s; config/templates/default.yaml is an example."
              .formatted(folder.resolve(name + ENDING)));
    }
  }

  private String text(String name) {
    try {
      String text = read(name);
      return text == null ? MISSING : text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable String read(String name) throws IOException {
    Path file = folder.resolve(name + ENDING);
    if (Files.exists(file)) {
      return Files.readString(file);
    }
    if (!BUILT_IN.contains(name)) {
      return null; // a search of all jars takes long, and each queued request may need one
    }
    try (InputStream shipped = Templates.class.getResourceAsStream("/templates/" + name + ENDING)) {
      return shipped == null ? null : new String(shipped.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
