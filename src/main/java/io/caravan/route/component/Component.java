package io.caravan.route.component;

/**
 * A component, language or data format of Camel.
 *
 * @param name the scheme of a component, or the name in an expression or data format
 * @param artifact the library that contains it; empty if Camel's catalog does not know it
 * @param addName the name under which {@code caravan add} installs it
 * @param installed whether it is on the class path
 */
public record Component(
    Kind kind,
    String name,
    String title,
    String description,
    String artifact,
    String addName,
    boolean installed) {
  /** The library that contains it, in the version that belongs to Caravan's Camel. */
  public Library library() {
    return new Library("org.apache.camel", artifact, "");
  }

  /** What a route can name. */
  public enum Kind {
    /** An endpoint's scheme, such as {@code kafka}. */
    COMPONENT("component"),
    /** The language of an expression, such as {@code jq}. */
    LANGUAGE("language"),
    /** A format of {@code marshal} and {@code unmarshal}, such as {@code csv}. */
    DATA_FORMAT("dataformat"),
    /** Another library, such as {@code resilience4j}. */
    OTHER("other");

    private final String folder;

    Kind(String folder) {
      this.folder = folder;
    }

    /** Its name in a list. */
    public String label() {
      return this == DATA_FORMAT ? "data format" : folder;
    }

    /** The folder of the resources by which Camel finds them. */
    String services() {
      return "META-INF/services/org/apache/camel/" + folder;
    }
  }
}
