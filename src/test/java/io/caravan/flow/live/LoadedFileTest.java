package io.caravan.flow.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.route.yaml.RouteFile;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoadedFileTest {
  private static final String TEXT =
      """
      # a file
      - beans:
          - name: acme
      - route:
          id: inbox
          from: {uri: file, parameters: {directoryName: in}, steps: []}
      - route:
          id: results
          from: {uri: direct, parameters: {name: results}, steps: []}
      """;

  private static RouteFile file(String text) {
    return RouteFile.parse("acme.camel.yaml", text).orElseThrow();
  }

  private static Set<String> unchanged(String edited) {
    return new LoadedFile(file(TEXT), List.of("inbox", "results")).unchanged(file(edited));
  }

  @Test
  void keepsRoutesThatAreNotEdited() {
    assertThat(unchanged(TEXT)).containsExactlyInAnyOrder("inbox", "results");
    assertThat(unchanged("# longer\n" + TEXT)).containsExactlyInAnyOrder("inbox", "results");
    assertThat(unchanged(TEXT.replace("directoryName: in", "directoryName: other")))
        .containsExactly("results");
  }

  @Test
  void replacesAllRoutesIfBeansAreEdited() {
    assertThat(unchanged(TEXT.replace("name: acme", "name: other"))).isEmpty();
  }

  @Test
  void addsRoutesAgainThatDoNotRun() {
    assertThat(new LoadedFile(file(TEXT), List.of("results")).unchanged(file(TEXT)))
        .containsExactly("results");
  }

  @Test
  void cutsRoutesOutAndKeepsTheNumbersOfLines() {
    assertThat(LoadedFile.without(file(TEXT), Set.of("inbox")))
        .contains("- beans:", "id: results")
        .doesNotContain("id: inbox");
    assertThat(LoadedFile.onlyRoutes(file(TEXT), Set.of("inbox")).lines().toList())
        .containsOnly(
            "# a file", "", "- route:", "    id: results", TEXT.lines().toList().getLast())
        .element(7)
        .isEqualTo("    id: results");
  }

  @Test
  void knowsItsInboxes() {
    assertThat(new LoadedFile(file(TEXT), List.of("inbox", "results")).inboxes())
        .containsExactly("inbox");
  }
}
