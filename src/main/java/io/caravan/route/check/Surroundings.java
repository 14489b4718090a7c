package io.caravan.route.check;

import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the routes of an application can use.
 *
 * @param settings the value of a setting; null if it does not exist
 * @param beans the types of the beans by name
 * @param installed whether the component, language or data format of a kind and name is on the
 *     class path, such as {@code component/file}
 */
public record Surroundings(
    Function<String, @Nullable String> settings,
    Map<String, Class<?>> beans,
    Predicate<String> installed) {

  /** Whether a part of Camel is on the class path, by its kind and name. */
  public static boolean onClassPath(String part) {
    return Surroundings.class.getResource("/META-INF/services/org/apache/camel/" + part) != null;
  }
}
