package io.caravan;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.modulith.core.ApplicationModules;

/** Checks which packages may use which, and that each of these rules can fail. */
class ArchitectureTest {
  private static final ModuleTable TABLE =
      new ModuleTable(
          Map.ofEntries(
              Map.entry("call", Set.of()),
              Map.entry("client", Set.of()),
              Map.entry("cost", Set.of()),
              Map.entry("disk", Set.of()),
              Map.entry("jsonl", Set.of("call", "disk")),
              Map.entry("s3", Set.of()),
              Map.entry("job", Set.of("jsonl", "lease")),
              Map.entry("workspace", Set.of("disk", "job", "jsonl", "lease", "s3")),
              Map.entry("store", Set.of("disk", "job", "lease", "s3", "workspace")),
              Map.entry("provider", Set.of("call", "job", "jsonl")),
              Map.entry("lease", Set.of()),
              Map.entry("report", Set.of("job", "jsonl")),
              Map.entry("route", Set.of()),
              Map.entry("time", Set.of()),
              Map.entry(
                  "flow",
                  Set.of(
                      "call",
                      "client",
                      "cost",
                      "disk",
                      "job",
                      "jsonl",
                      "lease",
                      "provider",
                      "report",
                      "route",
                      "s3",
                      "store",
                      "time",
                      "workspace")),
              Map.entry("operator", Set.of("job", "jsonl", "lease", "store", "web", "workspace")),
              Map.entry("server", Set.of("call", "client", "disk", "lease", "web", "workspace")),
              Map.entry("web", Set.of()),
              Map.entry(
                  "queue",
                  Set.of(
                      "client",
                      "disk",
                      "flow",
                      "job",
                      "jsonl",
                      "lease",
                      "operator",
                      "provider",
                      "server",
                      "store",
                      "time",
                      "web",
                      "workspace")),
              Map.entry(
                  "gateway",
                  Set.of("disk", "flow", "job", "operator", "provider", "server", "workspace")),
              Map.entry(
                  "cli",
                  Set.of(
                      "cost",
                      "flow",
                      "job",
                      "jsonl",
                      "operator",
                      "provider",
                      "route",
                      "store",
                      "workspace"))));

  private static final String ROOT = Caravan.class.getPackageName();
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);
  private static final ApplicationModules MODULES = ApplicationModules.of(Caravan.class);

  /** Packages that break every rule once, to detect rules that cannot fail. */
  private static final String BAD_ROOT = "io.caravan.architecture.bad";

  private static final ApplicationModules BAD_MODULES =
      ApplicationModules.of(BAD_ROOT, location -> true);

  @Test
  void modulesUseOnlyWhatTheTableAllows() {
    assertThat(TABLE.problems(MODULES)).isEmpty();
  }

  @Test
  void packagesHaveNoCycles() {
    noCycles(ROOT).check(CLASSES);
  }

  @Test
  void reportsCycles() {
    String root = "io.caravan.architecture.cycle";

    assertThat(noCycles(root).evaluate(new ClassFileImporter().importPackages(root)).hasViolation())
        .isTrue();
  }

  private static ArchRule noCycles(String root) {
    return slices().matching(root + ".(**)").should().beFreeOfCycles();
  }

  @Test
  void packagesStaySmall() {
    assertThat(files(CLASSES)).allSatisfy((room, files) -> assertThat(files).isLessThan(46));
  }

  /** The number of source files in each package. */
  private static Map<String, Long> files(JavaClasses classes) {
    return classes.stream()
        .filter(type -> !type.isNestedClass())
        .collect(groupingBy(JavaClass::getPackageName, counting()));
  }

  @Test
  void modulesKeepToTheirApis() {
    MODULES.verify();
  }

  @ParameterizedTest
  @EnumSource
  void fencesHold(Fence fence) {
    fence.around(ROOT).allowEmptyShould(true).check(CLASSES);
  }

  @Test
  void reportsUsesThatTheTableForbids() {
    assertThat(TABLE.problems(BAD_MODULES))
        .containsExactlyInAnyOrder("planned is not in the table", "server may not use flow");
  }

  @Test
  void subpackagesAreInternal() {
    assertThat(BAD_MODULES.detectViolations().getMessages())
        .isNotEmpty()
        .allMatch(
            it -> it.contains("'server' depends on non-exposed type " + BAD_ROOT + ".flow.inner"));
  }

  @ParameterizedTest
  @EnumSource
  void fencesReportOnlyTheTrespasser(Fence fence) {
    var seen = fence.around(BAD_ROOT).evaluate(new ClassFileImporter().importPackages(BAD_ROOT));

    assertThat(seen.getFailureReport().getDetails())
        .isNotEmpty()
        .allMatch(detail -> detail.contains("Trespasser"));
  }
}
