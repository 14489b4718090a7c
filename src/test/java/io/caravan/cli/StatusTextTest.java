package io.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.job.source.Untaken;
import io.caravan.operator.JobView;
import io.caravan.operator.Overview;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTextTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void reportsEmptyStore() {
    assertThat(StatusText.of(Overview.empty(), NOON))
        .startsWith("no Caravan is running; no jobs; 0 parked, 0 undelivered")
        .contains("There are no jobs.");
  }

  @Test
  void listsProblemsBelowJob() {
    var job =
        new JobView(
            "qch6hvj4uw",
            "x.jsonl",
            "/inbox/x.jsonl",
            "default",
            "openai",
            "in_progress",
            50,
            7,
            null,
            NOON.minusSeconds(125),
            null,
            null,
            NOON,
            null,
            null,
            null,
            null,
            null,
            false,
            5,
            List.of("IllegalStateException: broken"),
            List.of(),
            Map.of());
    var overview =
        new Overview(
            List.of("host/1"),
            Map.of("in_progress", 1L),
            List.of("qch6hvj4uw"),
            List.of(),
            List.of(new Untaken("inbox/notes.md", "stays where it is: …", NOON)),
            null,
            List.of(job));

    assertThat(StatusText.of(overview, NOON).lines())
        .containsExactly(
            "1 Caravan is running; 1 in_progress; 1 parked, 0 undelivered",
            "",
            "JOB         FILE     PIPELINE  PROVIDER  STATUS  REQUESTS  RESULTS  ERRORS  AGE",
            "qch6hvj4uw  x.jsonl  default   openai    parked  50        7        -       2 min",
            "  IllegalStateException: broken",
            "  parked since 2026-03-01T12:00:00Z: \"caravan retry qch6hvj4uw\" resumes it,"
                + " \"caravan cancel qch6hvj4uw\" cancels it",
            "",
            "NOT TAKEN",
            "inbox/notes.md stays where it is: …");
  }

  @ParameterizedTest
  @CsvSource({"PT59S, 59 s", "PT59M, 59 min", "PT47H, 47 h", "PT48H, 2 d", "PT-5S, 0 s"})
  void formatsAges(Duration age, String text) {
    assertThat(StatusText.age(NOON.minus(age), NOON)).isEqualTo(text);
  }
}
