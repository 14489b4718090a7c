package io.caravan.server.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.server.backend.BackendAnswer.NotRun;
import io.caravan.server.settings.ServerSettings;
import io.caravan.server.wire.BoundedLineReader;
import io.caravan.server.wire.BoundedLineReader.Line;
import java.io.IOException;
import java.nio.file.Path;

/** The unanswered requests of a stopped batch; each gets an error line. */
record UnansweredRequests(Path input, ServerSettings settings) {
  /** Lines written between two syncs. */
  private static final int AT_ONCE = 1_000;

  private static final NotRun CANCELLED =
      new NotRun("batch_cancelled", "This request was not run: the batch was cancelled.");
  private static final NotRun EXPIRED =
      new NotRun("batch_expired", "This request was not run before the batch expired.");

  /** Writes the missing lines; returns whether there were any. */
  boolean fill(ResultFiles results, boolean cancelled) throws IOException {
    int added = 0;
    try (var lines = new BoundedLineReader(input, settings.maxLineBytes())) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        String customId = line.blank() ? "" : Request.parse(line.text().getBytes(UTF_8)).customId();
        if (!customId.isEmpty() && !results.has(customId)) {
          results.add(customId, cancelled ? CANCELLED : EXPIRED);
          added++;
          if (added % AT_ONCE == 0) {
            results.sync();
          }
        }
      }
    }
    results.sync();
    return added > 0;
  }
}
