package io.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.stereotype.Component;

/** Checks the names that users' route files refer to; they must not change. */
class PromisedNamesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.caravan");

  private static final Set<String> BEANS =
      Set.of(
          "csvOutput", "inboxFilter", "inboxStates", "objects", "outbox", "quietPolls", "s3Outbox");

  /** Bean and methods in the route files of providers, of which users may have edited copies. */
  @ParameterizedTest
  @CsvSource({
    "anthropic, hasBatch moreCandidates morePages nextCandidate readBatch readCancel",
    "anthropic, readCreate readDeletion readListBatches readProof readResults readStatuses",
    "anthropic, searched writeCreate writeGet writeGetResults writeListBatches",
    "batchLists, record",
    "dialects, choose chooseForMany",
    "gemini, fitInline leftovers morePages readBatch readCancel readCreate readDeletion",
    "gemini, readListBatches readResults readStatuses readUpload readUploadStart",
    "gemini, resultsToRetrieve writeCreate writeGet writeGetBatch writeGetResults",
    "gemini, writeListBatches writeUpload writeUploadStart",
    "openai, mayBePending morePages readBatch readCancel readContent readCreate",
    "openai, readDeletion readFileSize readFileStatus readListBatches readListFiles",
    "openai, readStatuses readUpload writeCreate writeGet writeGetContent",
    "openai, writeGetInputFile writeListBatches writeListFiles writeUpload",
    "redirects, isRedirected write",
    "release, filesToRelease",
    "retrieve, filesToRetrieve",
    "submit, batchSearched fileSearched intendCreate intendUpload nothingToUpload"
  })
  void methodsKeepTheirNames(String bean, String methods) {
    Set<String> names =
        CLASSES.stream()
            .filter(type -> type.isAnnotatedWith(Component.class))
            .filter(type -> type.getAnnotationOfType(Component.class).value().equals(bean))
            .flatMap(type -> type.getAllMethods().stream())
            .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
            .map(JavaMethod::getName)
            .collect(Collectors.toSet());

    assertThat(names).contains(methods.split(" ", -1));
  }

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
        CLASSES.stream()
            .filter(type -> type.isAnnotatedWith(Component.class))
            .map(type -> type.getAnnotationOfType(Component.class).value())
            .collect(Collectors.toSet());

    assertThat(names).containsAll(BEANS);
  }
}
