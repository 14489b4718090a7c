package io.caravan.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares both transition tables with a second copy of them. */
class StatusTest {
  private static final Map<JobStatus, Set<JobStatus>> JOBS =
      Map.of(
          JobStatus.ACCEPTED, Set.of(JobStatus.IN_PROGRESS, JobStatus.SETTLED),
          JobStatus.IN_PROGRESS, Set.of(JobStatus.SETTLED),
          JobStatus.SETTLED, Set.of(JobStatus.RESULTS_DELIVERED),
          JobStatus.RESULTS_DELIVERED, Set.of(JobStatus.ERRORS_DELIVERED),
          JobStatus.ERRORS_DELIVERED, Set.of(JobStatus.DELIVERED),
          JobStatus.DELIVERED, Set.of(JobStatus.RELEASED),
          JobStatus.RELEASED, Set.of());

  private static final Map<PartStatus, Set<PartStatus>> PARTS =
      Map.of(
          PartStatus.PLANNED,
              Set.of(
                  PartStatus.UPLOADING, PartStatus.CALLING, PartStatus.REFUSED, PartStatus.DIVIDED),
          PartStatus.UPLOADING, Set.of(PartStatus.PLANNED, PartStatus.UPLOADED, PartStatus.REFUSED),
          PartStatus.UPLOADED,
              Set.of(
                  PartStatus.CREATING, PartStatus.CALLING, PartStatus.REFUSED, PartStatus.DIVIDED),
          PartStatus.CREATING,
              Set.of(
                  PartStatus.PLANNED,
                  PartStatus.UPLOADED,
                  PartStatus.SUBMITTED,
                  PartStatus.REFUSED),
          PartStatus.CALLING, Set.of(PartStatus.RETRIEVED, PartStatus.REFUSED),
          PartStatus.SUBMITTED, Set.of(PartStatus.ENDED, PartStatus.UPLOADED),
          PartStatus.ENDED, Set.of(PartStatus.RETRIEVED),
          PartStatus.RETRIEVED, Set.of(PartStatus.SETTLED, PartStatus.SUBMITTED),
          PartStatus.REFUSED, Set.of(PartStatus.SETTLED),
          PartStatus.SETTLED, Set.of()); // as DIVIDED

  @ParameterizedTest
  @EnumSource
  void hasExpectedJobTransitions(JobStatus from) {
    assertThat(Stream.of(JobStatus.values()).filter(from::canBecome))
        .hasSameElementsAs(JOBS.getOrDefault(from, Set.of()));
  }

  @ParameterizedTest
  @EnumSource
  void hasExpectedPartTransitions(PartStatus from) {
    assertThat(Stream.of(PartStatus.values()).filter(from::canBecome))
        .hasSameElementsAs(PARTS.getOrDefault(from, Set.of()));
  }

  @ParameterizedTest
  @EnumSource
  void partIsTerminalWithoutTransitions(PartStatus status) {
    assertThat(status.terminal()).isEqualTo(PARTS.getOrDefault(status, Set.of()).isEmpty());
    assertThat(status.verb().isEmpty()).isEqualTo(status.terminal());
  }

  @Test
  void jobIsFinishedOnceReportIsDelivered() {
    assertThat(JobStatus.values())
        .filteredOn(JobStatus::finished)
        .containsExactly(JobStatus.DELIVERED, JobStatus.RELEASED);
  }

  @Test
  void everyStepIsTheNameOfARoute() {
    assertThat(Rows.job("a").step()).isEqualTo("job-validate");
    assertThat(Rows.part(Rows.job("a"), 1).step()).isEqualTo("batch-submit");
  }
}
