package io.caravan.route.check;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the routes of an application can use.
 *
 * @param settings the value of a setting; null if it does not exist
 * @param beans the types of the beans by name
 * @param libraries finds the classes and components that routes can name
 */
public record Surroundings(
    Function<String, @Nullable String> settings,
    Map<String, Class<?>> beans,
    ClassLoader libraries) {}
