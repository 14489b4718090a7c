package io.caravan.flow;

import io.caravan.jsonl.convert.Format;
import io.caravan.s3.FoundObject;
import java.util.Optional;

/**
 * Which objects of a bucket a pipeline takes, and what becomes of them; a bean of the pipeline's
 * YAML file, so that Camel fills it in.
 */
public final class S3Inbox {
  /** What becomes of an object once it is a job. */
  public enum Afterwards {
    /** It goes below the accepted prefix. */
    MOVE,
    /** It is deleted. */
    DELETE,
    /** It stays, and the store remembers it. */
    LEAVE
  }

  private String bucket = "";
  private String prefix = "";
  private boolean subfolders;
  private Afterwards afterwards = Afterwards.MOVE;
  private String acceptedPrefix = "accepted/";

  /** Whether the name and the place are those of an input. */
  public boolean takes(String candidateBucket, String key) {
    return candidateBucket.equals(bucket)
        && Format.isInput(key)
        && key.startsWith(prefix)
        && (subfolders || key.indexOf('/', prefix.length()) < 0)
        && !(afterwards == Afterwards.MOVE && key.startsWith(acceptedPrefix));
  }

  /** Why an object below the prefix is not taken; empty for one that is, and for one of ours. */
  public Optional<Refused> refusal(String candidateBucket, String key) {
    int folder = key.indexOf('/', prefix.length());
    if (!candidateBucket.equals(bucket)
        || !key.startsWith(prefix)
        || takes(bucket, key)
        || key.endsWith("/") // what consoles make of a folder
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

  /** What is not taken, an object or all below a folder. */
  public record Refused(String key, String reason) {}

  /** Relative to the inbox. */
  public String nameOf(FoundObject object) {
    return object.key().substring(prefix.length());
  }

  /** The bucket's name. */
  public String getBucket() {
    return bucket;
  }

  /** Names the bucket. */
  public void setBucket(String bucket) {
    this.bucket = bucket;
  }

  /** What the keys begin with. */
  public String getPrefix() {
    return prefix;
  }

  /** Says what the keys begin with; a folder's ends with a slash. */
  public void setPrefix(String prefix) {
    this.prefix = prefix;
  }

  /** Whether keys with a slash after the prefix are taken as well. */
  public boolean isSubfolders() {
    return subfolders;
  }

  /** Takes keys with a slash after the prefix as well. */
  public void setSubfolders(boolean subfolders) {
    this.subfolders = subfolders;
  }

  /** What becomes of an object once it is a job. */
  public Afterwards getAfterwards() {
    return afterwards;
  }

  /** Says what becomes of an object once it is a job. */
  public void setAfterwards(Afterwards afterwards) {
    this.afterwards = afterwards;
  }

  /** Where objects are moved to. */
  public String getAcceptedPrefix() {
    return acceptedPrefix;
  }

  /** Says where in the bucket objects are moved to. */
  public void setAcceptedPrefix(String acceptedPrefix) {
    this.acceptedPrefix = acceptedPrefix;
  }
}
