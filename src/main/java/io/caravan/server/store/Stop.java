package io.caravan.server.store;

/** Why a running batch has to stop. */
public enum Stop {
  CANCEL,
  EXPIRE,
  /** The server stops or has lost the lease; the batch resumes later or elsewhere. */
  PAUSE
}
