package io.caravan.server.wire;

/** Checks numeric parameters of requests. */
public final class Limits {
  private Limits() {}

  public static void check(String param, int value, int max) {
    if (value < 1) {
      throw ApiException.invalid(
          "Invalid '%s': expected a value >= 1, but got %d instead.".formatted(param, value),
          param,
          "integer_below_min_value");
    }
    if (value > max) {
      throw ApiException.invalid(
          "Invalid '%s': expected a value <= %d, but got %d instead.".formatted(param, max, value),
          param,
          "integer_above_max_value");
    }
  }
}
