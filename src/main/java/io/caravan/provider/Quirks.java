package io.caravan.provider;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where a host with a Batch API like OpenAI's wants other words than OpenAI. What it answers needs
 * none of this: capitals, dates and other names of members are understood from all of them.
 *
 * @param purpose what an upload says it is for
 * @param uploads the path of uploads; other calls about files are below {@code /files}
 * @param fileName the field of an upload that names the file once more; blank for none
 * @param batches the path of batches
 * @param jobs whether a batch is made of {@code input_files}, {@code model} and {@code
 *     timeout_hours}, and lists are asked by page, as at Mistral
 * @param window the {@code completion_window}
 * @param metadata whether a batch keeps our key; else it is known by its input file, which no other
 *     part has
 */
public record Quirks(
    @DefaultValue("batch") @NotBlank String purpose,
    @DefaultValue("/files") @Pattern(regexp = "(/[a-z-]+)+") String uploads,
    @DefaultValue("") String fileName,
    @DefaultValue("/batches") @Pattern(regexp = "(/[a-z-]+)+") String batches,
    boolean jobs,
    @DefaultValue("24h") @Pattern(regexp = "[1-9]\\d{0,2}[hd]") String window,
    @DefaultValue("true") boolean metadata) {

  /** OpenAI's own words. */
  public static final Quirks NONE =
      new Quirks("batch", "/files", "", "/batches", false, "24h", true);

  /** The window in hours. */
  public int hours() {
    int number = Integer.parseInt(window.substring(0, window.length() - 1));
    return window.endsWith("d") ? 24 * number : number;
  }
}
