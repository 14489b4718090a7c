package io.caravan.cli;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.regex.Pattern;

/**
 * Counts the tokens of texts for a model.
 *
 * @param own whether it is the model's own tokenizer; other vendors' tokenizers are not public and
 *     may count a third more than OpenAI's
 */
record Tokenizer(Encoding encoding, boolean own) {
  private static final EncodingRegistry TABLES = Encodings.newLazyEncodingRegistry();
  private static final Pattern O200K =
      Pattern.compile("(ft:)?(gpt-4o|gpt-4\\.[15]|gpt-[5-9]|gpt-oss|chatgpt-|o\\d).*");
  private static final Pattern CL100K =
      Pattern.compile("(ft:)?(gpt-4|gpt-3\\.?5|text-embedding-(3|ada)).*");

  static Tokenizer of(String model) {
    boolean newer = O200K.matcher(model).matches();
    boolean older = !newer && CL100K.matcher(model).matches();
    return new Tokenizer(
        TABLES.getEncoding(older ? EncodingType.CL100K_BASE : EncodingType.O200K_BASE),
        newer || older);
  }

  String name() {
    return encoding.getName();
  }

  /** Counts special tokens such as {@code <|endoftext|>} as plain text, as in a request. */
  long count(String text) {
    return encoding.countTokensOrdinary(text);
  }
}
