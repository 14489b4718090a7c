package io.caravan.route.check;

import io.caravan.route.yaml.Place;
import io.caravan.route.yaml.Problem;
import io.caravan.route.yaml.RouteFile;
import io.caravan.route.yaml.Yaml;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.tooling.model.EipModel;
import org.apache.camel.tooling.model.EipModel.EipOptionModel;

/**
 * Checks the values of a step's options and that none is missing, with the catalog of Camel's
 * steps, expressions and data formats. Camel's parser accepts any text (decision 0039).
 */
record Options(CamelCatalog catalog, Set<String> elements) implements RouteCheck.FileCheck {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
  private static final Pattern DURATION = Pattern.compile("-?\\d+|(\\d+(ms|[dhms]))+|P.+");

  /** Holders of whatever the author names; other checks know their content. */
  private static final Set<String> SKIPPED = Set.of("parameters", "properties", "beans", "rest");

  /** Kinds of options that have the same name in YAML. */
  private static final Set<String> REQUIRED = Set.of("attribute", "expression");

  private static final Map<String, String> EXPECTED =
      Map.of(
          "boolean", "true or false",
          "integer", "a number",
          "number", "a number",
          "duration", "a time such as 5s");

  Options(CamelCatalog catalog) {
    this(catalog, elements(catalog));
  }

  /** An "expression" holds one of any language. */
  private static Set<String> elements(CamelCatalog catalog) {
    var names = new HashSet<>(catalog.findModelNames());
    names.remove("expression");
    return names;
  }

  @Override
  public Stream<Problem> check(RouteFile file) {
    return below(file, file.root());
  }

  private Stream<Problem> below(RouteFile file, Yaml yaml) {
    return Stream.concat(
        yaml.items().stream().flatMap(it -> below(file, it)),
        yaml.entries().stream()
            .filter(it -> !SKIPPED.contains(it.key()))
            .flatMap(it -> Stream.concat(element(file, it), below(file, it.value()))));
  }

  private Stream<Problem> element(RouteFile file, Yaml.Entry entry) {
    if (!elements.contains(entry.key())) {
      return Stream.of();
    }
    EipModel model = catalog.eipModel(entry.key());
    if (!entry.value().entries().isEmpty()) {
      return problems(file, model, entry.place(), entry.value());
    }
    return entry.value().items().stream() // such as the branches of a choice
        .filter(it -> !it.entries().isEmpty())
        .flatMap(it -> problems(file, model, it.place(), it));
  }

  private static Stream<Problem> problems(
      RouteFile file, EipModel model, Place place, Yaml element) {
    return model.getOptions().stream()
        .flatMap(option ->
            Stream.concat(
                element.entry(option.getName()).stream().flatMap(it -> wrong(file, option, it)),
                missing(file, model, option, place, element)));
  }

  private static Stream<Problem> missing(
      RouteFile file, EipModel model, EipOptionModel option, Place place, Yaml element) {
    boolean isFormat = option.getName().equals("dataFormatType");
    List<String> others = Objects.requireNonNullElse(option.getOneOfs(), List.of());
    if (!option.isRequired()
        || !(isFormat || REQUIRED.contains(option.getKind()))
        || element.entry(option.getName()).isPresent()
        || element.entries().stream().anyMatch(it -> others.contains(it.key()))) {
      return Stream.of();
    }
    return Stream.of(
        isFormat
            ? file.error(
                place, model.getName() + " needs a data format.", "Add one, such as json: {}.")
            : file.error(
                place,
                "%s needs %s.".formatted(model.getName(), option.getName()),
                "Add %s:.".formatted(option.getName())));
  }

  private static Stream<Problem> wrong(RouteFile file, EipOptionModel option, Yaml.Entry written) {
    String text = written.value().text().orElse("");
    List<String> names = Objects.requireNonNullElse(option.getEnums(), List.of());
    boolean fits =
        option.getType().equals("enum")
            ? isOpen(text) || names.stream().anyMatch(it -> plain(it).equals(plain(text)))
            : fits(option.getType(), text);
    String expected =
        names.isEmpty()
            ? EXPECTED.getOrDefault(option.getType(), "")
            : "one of " + String.join(", ", names);
    return fits
        ? Stream.of()
        : Stream.of(
            file.error(
                written.place(),
                unfit(option.getName(), text, expected),
                Nearest.to(text, names, "Write %s.".formatted(expected))));
  }

  /** Whether a value can be one of the type; what is known only later can. */
  static boolean fits(String type, String text) {
    return isOpen(text)
        || switch (type) {
          case "boolean" -> text.matches("(?i)true|false");
          case "integer", "number" -> NUMBER.matcher(text).matches();
          case "duration" -> DURATION.matcher(text).matches();
          default -> true;
        };
  }

  private static boolean isOpen(String text) {
    return text.isEmpty() || text.startsWith("#") || text.contains("{{") || text.contains("${");
  }

  private static String unfit(String option, String text, String expected) {
    return "%s is \"%s\", not %s.".formatted(option, text, expected);
  }

  /** Whether it is clear what a value of the type looks like. */
  static boolean knows(String type) {
    return EXPECTED.containsKey(type);
  }

  /** A value of another type than its option has. */
  static Problem unfit(RouteFile file, Place place, String option, String text, String type) {
    String expected = EXPECTED.getOrDefault(type, "");
    return file.error(place, unfit(option, text, expected), "Write %s.".formatted(expected));
  }

  /** Camel ignores case and dashes. */
  private static String plain(String name) {
    return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
  }
}
