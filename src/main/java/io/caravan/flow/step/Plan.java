package io.caravan.flow.step;

import io.caravan.jsonl.split.PartFile;
import java.util.List;
import java.util.Optional;

/** The decision about a file that was validated and split. */
public sealed interface Plan {
  /**
   * The file is unusable as a whole.
   *
   * @param problem without file name
   */
  record Refused(String problem) implements Plan {}

  /**
   * An operator must release the file first.
   *
   * @param reason that completes the sentence "The file is …"
   * @param cost the estimate in millionths of a USD
   */
  record Held(String reason, long cost) implements Plan {}

  /**
   * The parts are sent.
   *
   * @param parts none if the pipeline is strict and there are bad lines
   * @param cost the estimate in millionths of a USD
   * @param warning why some requests cannot run, and what to do
   */
  record Sent(List<PartFile> parts, long cost, Optional<String> warning) implements Plan {
    public Sent {
      parts = List.copyOf(parts);
    }
  }
}
