package io.caravan.route.component;

import static java.util.Comparator.comparingInt;

import io.caravan.route.component.Component.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.tooling.model.ArtifactModel;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/** The components, languages and data formats of Camel's catalog and of the class path. */
public final class Components {
  /** The data formats of elements that have several and do not name a library. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "json", "jackson",
          "yaml", "snakeYaml",
          "avro", "avro",
          "protobuf", "protobuf",
          "bindy", "bindyCsv");

  /** YAML names that differ from the catalog's. */
  private static final Map<String, String> LANGUAGES = Map.of("method", "bean");

  private final CamelCatalog catalog;
  private final ClassLoader libraries;

  /** The libraries of Camel on the class path. */
  private final Set<String> installed;

  private final Map<String, Optional<Component>> found = new ConcurrentHashMap<>();

  /** Reads which components a class loader can find. */
  public Components(CamelCatalog catalog, ClassLoader libraries) {
    this.catalog = catalog;
    this.libraries = libraries;
    installed = installed(libraries);
  }

  private static Set<String> installed(ClassLoader libraries) {
    var found = new HashSet<String>();
    try {
      for (Kind kind : Kind.values()) {
        for (URL each : Collections.list(libraries.getResources(kind.services() + ".properties"))) {
          var properties = new Properties();
          try (InputStream in = each.openStream()) {
            properties.load(in);
          }
          found.add(properties.getProperty("artifactId", ""));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /**
   * Finds what a route names; empty if neither Camel nor the class path has it. Use {@link
   * #dataFormat} for data formats.
   */
  public Optional<Component> find(Kind kind, String name) {
    return found.computeIfAbsent(kind + " " + name, key -> look(kind, name));
  }

  private Optional<Component> look(Kind kind, String name) {
    String known = kind == Kind.LANGUAGE ? LANGUAGES.getOrDefault(name, name) : name;
    ArtifactModel<?> model = model(kind, known);
    if (model != null) {
      return Optional.of(component(kind, known, model));
    }
    return isOnClassPath(kind, known)
        ? Optional.of(new Component(kind, known, known, "", "", "", true))
        : Optional.empty();
  }

  /**
   * Finds the data format of an element.
   *
   * @param element the YAML name, such as {@code json}
   * @param library the element's option of this name, such as {@code Gson}, or an empty text
   */
  public Optional<Component> dataFormat(String element, String library) {
    List<String> sameElement =
        catalog.findDataFormatNames().stream()
            .filter(it -> catalog.dataFormatModel(it).getModelName().equals(element))
            .toList();
    String wanted = library.replaceAll("\\W", "");
    String name =
        sameElement.stream()
            .filter(it -> it.equalsIgnoreCase(wanted) || it.equalsIgnoreCase(element + wanted))
            .filter(it -> !wanted.isEmpty())
            .findFirst()
            .orElseGet(() -> DEFAULTS.getOrDefault(element, element));
    return find(Kind.DATA_FORMAT, name);
  }

  /** All components of Camel's catalog, by kind and name. */
  public List<Component> all() {
    return Stream.of(Kind.values())
        .flatMap(kind -> names(kind).stream().sorted().flatMap(name -> find(kind, name).stream()))
        .toList();
  }

  /** Finds what {@code caravan add} installs under the name of a scheme, format or artifact. */
  public Optional<Component> toAdd(String name) {
    return Optional.ofNullable(byName().get(plain(name)));
  }

  /** The names most like one that {@link #toAdd} does not know, the nearest first. */
  public List<String> nearest(String name) {
    String wanted = plain(name);
    var distance = new LevenshteinDistance(Math.max(2, wanted.length() / 3));
    return byName().keySet().stream()
        .filter(it -> distance.apply(wanted, it) >= 0) // -1: further away than the limit
        .sorted(comparingInt(it -> distance.apply(wanted, it)))
        .limit(3)
        .toList();
  }

  /** An artifact's own name wins over a scheme, and a scheme over the other kinds. */
  private Map<String, Component> byName() {
    var found = new TreeMap<String, Component>();
    List<Component> all = all();
    all.stream()
        .filter(it -> plain(it.artifact()).equals(plain(it.name())))
        .forEach(it -> found.putIfAbsent(plain(it.name()), it));
    all.forEach(it -> found.putIfAbsent(plain(it.artifact()), it));
    all.forEach(it -> found.putIfAbsent(plain(it.name()), it));
    return found;
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceFirst("^camel-", "");
  }

  private Component component(Kind kind, String name, ArtifactModel<?> model) {
    return new Component(
        kind,
        name,
        model.getTitle(),
        model.getDescription(),
        model.getArtifactId(),
        addName(name, model.getArtifactId()),
        kind == Kind.OTHER ? installed.contains(model.getArtifactId()) : isOnClassPath(kind, name));
  }

  /** The scheme "avro" gives way to the artifact camel-avro, which is a data format. */
  private String addName(String name, String artifact) {
    String own = "camel-" + name;
    boolean taken =
        !artifact.equals(own)
            && Stream.of(Kind.values())
                .map(kind -> model(kind, name))
                .anyMatch(it -> it != null && it.getArtifactId().equals(own));
    return taken ? artifact.substring("camel-".length()) : name;
  }

  private @Nullable ArtifactModel<?> model(Kind kind, String name) {
    return switch (kind) {
      case COMPONENT -> catalog.componentModel(name);
      case LANGUAGE -> catalog.languageModel(name);
      case DATA_FORMAT -> catalog.dataFormatModel(name);
      case OTHER -> catalog.otherModel(name);
    };
  }

  private List<String> names(Kind kind) {
    return switch (kind) {
      case COMPONENT -> catalog.findComponentNames();
      case LANGUAGE -> catalog.findLanguageNames();
      case DATA_FORMAT -> catalog.findDataFormatNames();
      case OTHER -> catalog.findOtherNames();
    };
  }

  private boolean isOnClassPath(Kind kind, String name) {
    return libraries.getResource(kind.services() + "/" + name) != null;
  }
}
