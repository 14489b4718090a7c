package io.caravan.flow;

import io.caravan.job.CannotStartException;
import java.nio.charset.Charset;

/** A pipeline's settings from its YAML file; a bean whose properties Camel sets. */
public final class Pipeline {
  private String provider = "";
  private boolean strict;
  private boolean normalise;
  private boolean allowDuplicates;
  private boolean anyProvider;
  private String template = "default";
  private String charset = "UTF-8";

  /** The provider of its requests. */
  public String getProvider() {
    return provider;
  }

  /** Sets the provider. */
  public void setProvider(String provider) {
    this.provider = provider;
  }

  /** Whether complete requests are also normalised for their models. */
  public boolean isNormalise() {
    return normalise;
  }

  /** Sets whether complete requests are normalised. */
  public void setNormalise(boolean normalise) {
    this.normalise = normalise;
  }

  /** Whether one bad line makes Caravan refuse the whole file. */
  public boolean isStrict() {
    return strict;
  }

  /** Sets whether one bad line makes Caravan refuse the whole file. */
  public void setStrict(boolean strict) {
    this.strict = strict;
  }

  /** Whether the same content may be sent and paid for again, overriding the general setting. */
  public boolean isAllowDuplicates() {
    return allowDuplicates;
  }

  /** Sets whether the same content may be paid for again. */
  public void setAllowDuplicates(boolean allowDuplicates) {
    this.allowDuplicates = allowDuplicates;
  }

  /** Whether a message may name another provider. */
  public boolean isAnyProvider() {
    return anyProvider;
  }

  /** Sets whether a message may name another provider. */
  public void setAnyProvider(boolean anyProvider) {
    this.anyProvider = anyProvider;
  }

  /** The template that turns rows and short lines into requests. */
  public String getTemplate() {
    return template;
  }

  /** Sets the template, a file in config/templates. */
  public void setTemplate(String template) {
    this.template = template;
  }

  /** The encoding of files without a byte-order mark. */
  public String getCharset() {
    return charset;
  }

  /** Sets the encoding, such as windows-1252. */
  public void setCharset(String charset) {
    this.charset = charset;
  }

  public Charset encoding(String name) {
    try {
      return Charset.forName(charset);
    } catch (IllegalArgumentException e) {
      throw new CannotStartException(
          "Pipeline \"%s\" names an unknown charset: \"%s\".".formatted(name, charset),
          "Use one such as UTF-8, windows-1252 or Shift_JIS.");
    }
  }
}
