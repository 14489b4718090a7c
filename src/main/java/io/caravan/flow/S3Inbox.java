package io.caravan.flow;

import io.caravan.jsonl.convert.Format;
import io.caravan.s3.FoundObject;
import java.util.Optional;

/**
 * The settings of an S3 inbox: which objects are taken and what happens to them afterwards. A bean
 * in the pipeline's YAML file, whose properties Camel sets.
 */
public final class S3Inbox {
  /** What happens to an object once it is a job. */
  public enum Afterwards {
    /** It is moved below the accepted prefix. */
    MOVE,
    /** It is deleted. */
    DELETE,
    /** It stays; the store remembers it. */
    LEAVE
  }

  private String bucket = "";
  private String prefix = "";
  private boolean subfolders;
  private Afterwards afterwards = Afterwards.MOVE;
  private String acceptedPrefix = "accepted/";

  /** Whether bucket and key are those of an input. */
  public boolean takes(String candidateBucket, String key) {
    return candidateBucket.equals(bucket)
        && Format.isInput(key)
        && key.startsWith(prefix)
        && (subfolders || key.indexOf('/', prefix.length()) < 0)
        && !(afterwards == Afterwards.MOVE && key.startsWith(acceptedPrefix));
  }

  /** Why an object below the prefix is not taken; empty if it is taken or was moved by us. */
  public Optional<Refused> refusal(String candidateBucket, String key) {
    int folder = key.indexOf('/', prefix.length());
    if (!candidateBucket.equals(bucket)
        || !key.startsWith(prefix)
        || takes(bucket, key)
        || key.endsWith("/") // folder marker written by S3 consoles
        || (afterwards == Afterwards.MOVE && key.startsWith(acceptedPrefix))) {
      return Optional.empty();
    }
    return Optional.of(
        !subfolders && folder >= 0
            ? new Refused(
                key.substring(0, folder + 1),
                "is a folder, and stays where it is. Put objects right below the prefix, or set subfolders: true in the pipeline.")
            : new Refused(
                key,
                "stays where it is: only objects ending in %s are taken. Rename it if it is one of these."
                    .formatted(Format.ENDINGS)));
  }

  /** An object, or a whole folder, that is not taken. */
  public record Refused(String key, String reason) {}

  /** The object's name relative to the inbox. */
  public String nameOf(FoundObject object) {
    return object.key().substring(prefix.length());
  }

  /** The bucket's name. */
  public String getBucket() {
    return bucket;
  }

  /** Sets the bucket. */
  public void setBucket(String bucket) {
    this.bucket = bucket;
  }

  /** The prefix of the keys. */
  public String getPrefix() {
    return prefix;
  }

  /** Sets the prefix of the keys; a folder's ends with a slash. */
  public void setPrefix(String prefix) {
    this.prefix = prefix;
  }

  /** Whether keys with a slash after the prefix are also taken. */
  public boolean isSubfolders() {
    return subfolders;
  }

  /** Sets whether keys with a slash after the prefix are also taken. */
  public void setSubfolders(boolean subfolders) {
    this.subfolders = subfolders;
  }

  /** What happens to an object once it is a job. */
  public Afterwards getAfterwards() {
    return afterwards;
  }

  /** Sets what happens to an object once it is a job. */
  public void setAfterwards(Afterwards afterwards) {
    this.afterwards = afterwards;
  }

  /** The prefix that objects are moved to. */
  public String getAcceptedPrefix() {
    return acceptedPrefix;
  }

  /** Sets the prefix in the bucket that objects are moved to. */
  public void setAcceptedPrefix(String acceptedPrefix) {
    this.acceptedPrefix = acceptedPrefix;
  }
}
