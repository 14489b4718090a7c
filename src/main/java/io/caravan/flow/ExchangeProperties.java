package io.caravan.flow;

/** The exchange properties by which routes hand values from one step to the next. */
public final class ExchangeProperties {
  /** Where the next page of a list begins. */
  public static final String AFTER = "after";

  /** The base URL of the provider. */
  public static final String BASE = "base";

  /** The batch as the provider describes it. */
  public static final String BATCH = "batch";

  /** The id of the batch, as a path segment. */
  public static final String BATCH_ID = "batchId";

  /** The path of batches at the provider. */
  public static final String BATCHES = "batches";

  /** The batch whose results are read to find out whose it is. */
  public static final String CANDIDATE = "candidate";

  /** Batches that may be those of a part. */
  public static final String CANDIDATES = "candidates";

  /** The dialect of the provider: the prefix of its routes. */
  public static final String DIALECT = "dialect";

  /** The remote file that is downloaded or deleted. */
  public static final String FILE = "file";

  /** What a search in the lists of a provider found. */
  public static final String FOUND = "found";

  /** The job that the step works on. */
  public static final String JOB = "job";

  /** The batch list that is read. */
  public static final String LIST = "list";

  /** The batches of a page of the list. */
  public static final String LISTED = "listed";

  /** The scheme and host of the provider. */
  public static final String ORIGIN = "origin";

  /** The part that the step works on. */
  public static final String PART = "part";

  /** The name of the provider. */
  public static final String PROVIDER = "provider";

  /** The URL of an upload that the provider began. */
  public static final String SESSION = "session";

  /** The bytes of the remote file, as the provider states them. */
  public static final String SIZE = "size";

  /** The path of uploads at the provider. */
  public static final String UPLOADS = "uploads";

  /** The object of a bucket that an inbox found. */
  public static final String OBJECT = "objectDrop";

  private ExchangeProperties() {}
}
