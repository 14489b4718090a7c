package io.caravan.jsonl;

/** How the bytes of a file that is accepted are packed. */
public enum Compression {
  /** Gzip when the first two bytes say so. */
  DETECT,
  GZIP,
  NONE
}
