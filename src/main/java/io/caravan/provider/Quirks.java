package io.caravan.provider;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How calls to a host with a Batch API like OpenAI's differ from those to OpenAI. Answers need no
 * setting: differences in capitals, dates and names of members are understood from every host.
 *
 * @param purpose the {@code purpose} of an upload
 * @param uploads the path of uploads; other file calls are below {@code /files}
 * @param fileName an extra field of an upload for the file's name; blank for none
 * @param batches the path of batches
 * @param jobs whether a batch is created from {@code input_files}, {@code model} and {@code
 *     timeout_hours}, and lists have numbered pages, as at Mistral
 * @param window the {@code completion_window}
 * @param metadata whether a batch keeps our key; if not, its input file, which is unique to the
 *     part, identifies it
 */
public record Quirks(
    @DefaultValue("batch") @NotBlank String purpose,
    @DefaultValue("/files") @Pattern(regexp = "(/[a-z-]+)+") String uploads,
    @DefaultValue("") String fileName,
    @DefaultValue("/batches") @Pattern(regexp = "(/[a-z-]+)+") String batches,
    boolean jobs,
    @DefaultValue("24h") @Pattern(regexp = "[1-9]\\d{0,2}[hd]") String window,
    @DefaultValue("true") boolean metadata) {

  /** OpenAI itself: no differences. */
  public static final Quirks NONE =
      new Quirks("batch", "/files", "", "/batches", false, "24h", true);

  /** The window in hours. */
  public int hours() {
    int number = Integer.parseInt(window.substring(0, window.length() - 1));
    return window.endsWith("d") ? 24 * number : number;
  }
}
