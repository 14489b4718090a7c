package io.caravan.job;

import io.caravan.jsonl.tokens.Tokens;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The size of a part's file.
 *
 * @param requests number of lines
 * @param textTokens estimated tokens of its prompts
 * @param mediaTokens estimated tokens of images and files in the prompts
 */
@RecordBuilder
public record PartSize(long requests, long bytes, long textTokens, long mediaTokens)
    implements PartSizeBuilder.With {
  /** The size of a file with an estimate of its tokens. */
  public static PartSize of(long requests, long bytes, Tokens tokens) {
    return new PartSize(requests, bytes, tokens.text(), tokens.media());
  }

  /** The estimated tokens of its prompts. */
  public Tokens tokens() {
    return new Tokens(textTokens, mediaTokens);
  }
}
