package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineInterfaceTest {
  private static final String[] VERBS = {
    "serve",
    "run",
    "check",
    "status",
    "cancel",
    "retry",
    "routes",
    "add",
    "components",
    "prepare",
    "completion"
  };

  @Test
  void listsEveryCommand() {
    Told told = told("--help");

    assertThat(told.code()).isZero();
    assertThat(told.text().lines().map(line -> line.strip().split(" ", 2)[0])).contains(VERBS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "run",
        "check",
        "status",
        "cancel",
        "retry",
        "routes",
        "add",
        "components",
        "prepare",
        "completion"
      })
  void printsHelpWithoutStart(String verb) {
    Told told = told(verb, "--help"); // there is no application to start

    assertThat(told.code()).isZero();
    assertThat(told.text()).startsWith("Usage: caravan " + verb).contains("--help");
  }

  @ParameterizedTest
  @ValueSource(strings = {"prepare", "add"})
  void refersToLauncher(String verb) {
    assertThat(told(verb))
        .returns(2, Told::code)
        .satisfies(it -> assertThat(it.text()).contains("./caravan " + verb));
  }

  private static Told told(String... arguments) {
    return Told.by(List.of(arguments), Map.of());
  }
}
