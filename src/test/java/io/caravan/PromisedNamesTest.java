package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.stereotype.Component;

/** Checks the names that users' route files refer to; they must not change. */
class PromisedNamesTest {
  private static final Set<String> BEANS =
      Set.of(
          "csvOutput", "inboxFilter", "inboxStates", "objects", "outbox", "quietPolls", "s3Outbox");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.caravan.flow.Pipeline",
        "io.caravan.flow.S3Inbox",
        "io.caravan.provider.AccessRefusedException",
        "io.caravan.provider.RejectedByProviderException",
        "io.caravan.provider.RetryableProviderException"
      })
  void typesKeepTheirNames(String type) {
    assertThatCode(() -> Class.forName(type)).doesNotThrowAnyException();
  }

  @Test
  void beansKeepTheirNames() {
    Set<String> names =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.caravan")
                .stream()
                .filter(type -> type.isAnnotatedWith(Component.class))
                .map(type -> type.getAnnotationOfType(Component.class).value())
                .collect(Collectors.toSet());

    assertThat(names).containsAll(BEANS);
  }
}
