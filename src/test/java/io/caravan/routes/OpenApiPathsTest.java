package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Compares the paths of the running application with those of the OpenAPI document. */
class OpenApiPathsTest {
  @Test
  void areAllDocumented(@TempDir Path folder) throws IOException {
    try (TestCaravan caravan = TestCaravan.in(folder).start()) {
      // routes are loaded after the start
      await().until(() -> caravan.ask("/batch/queue/status"), it -> it.contains("\"queued\""));

      assertThat(mapped(caravan))
          .containsExactlyInAnyOrderElementsOf(
              OpenApiDocument.operations().map(OpenApiPathsTest::withoutNames).toList());
    }
  }

  private static Stream<String> mapped(TestCaravan caravan) {
    return caravan
        .application()
        .getBeansOfType(RequestMappingHandlerMapping.class)
        .values()
        .stream()
        .flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
        .flatMap(OpenApiPathsTest::operations)
        .map(OpenApiPathsTest::withoutNames)
        .distinct(); // with Caravan-Deadline, a path has another method
  }

  private static Stream<String> operations(RequestMappingInfo info) {
    return info.getPatternValues().stream()
        .filter(path -> path.matches("/(batch|v1)/.*"))
        .flatMap(path ->
            info.getMethodsCondition().getMethods().stream().map(method -> method + " " + path));
  }

  private static String withoutNames(String operation) {
    return operation.replaceAll("\\{\\w+}", "{}");
  }
}
