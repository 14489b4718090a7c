package io.caravan.flow;

import io.caravan.job.CannotStartException;
import java.nio.charset.Charset;

/** What a pipeline's YAML file says of it besides its routes; a bean, so that Camel fills it in. */
public final class Pipeline {
  private String provider = "";
  private boolean strict;
  private boolean normalise;
  private boolean allowDuplicates;
  private boolean anyProvider;
  private String template = "default";
  private String charset = "UTF-8";

  /** Which provider its requests go to. */
  public String getProvider() {
    return provider;
  }

  /** Names the provider. */
  public void setProvider(String provider) {
    this.provider = provider;
  }

  /** Whether whole requests are made to fit their models, too. */
  public boolean isNormalise() {
    return normalise;
  }

  /** Makes whole requests fit their models. */
  public void setNormalise(boolean normalise) {
    this.normalise = normalise;
  }

  /** Whether one bad line makes the whole file be refused. */
  public boolean isStrict() {
    return strict;
  }

  /** Makes one bad line refuse the whole file. */
  public void setStrict(boolean strict) {
    this.strict = strict;
  }

  /** Whether the same content may come again and be paid for again, whatever is said in general. */
  public boolean isAllowDuplicates() {
    return allowDuplicates;
  }

  /** Lets the same content be paid for again. */
  public void setAllowDuplicates(boolean allowDuplicates) {
    this.allowDuplicates = allowDuplicates;
  }

  /** Whether a message may name another provider. */
  public boolean isAnyProvider() {
    return anyProvider;
  }

  /** Lets a message name another provider. */
  public void setAnyProvider(boolean anyProvider) {
    this.anyProvider = anyProvider;
  }

  /** By which template rows and short lines become requests. */
  public String getTemplate() {
    return template;
  }

  /** Names the template, a file of config/templates. */
  public void setTemplate(String template) {
    this.template = template;
  }

  /** The encoding of files that have no byte-order mark. */
  public String getCharset() {
    return charset;
  }

  /** Names the encoding, such as windows-1252. */
  public void setCharset(String charset) {
    this.charset = charset;
  }

  public Charset encoding(String name) {
    try {
      return Charset.forName(charset);
    } catch (IllegalArgumentException e) {
      throw new CannotStartException(
          "Pipeline \"%s\" names a charset that there is not: \"%s\".".formatted(name, charset),
          "Write one such as UTF-8, windows-1252 or Shift_JIS.");
    }
  }
}
