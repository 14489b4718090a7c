package io.caravan.server.store;

/** Why a running batch is told to stop. */
public enum Stop {
  CANCEL,
  EXPIRE,
  /** The server stops; the batch goes on at its next start. */
  PAUSE
}
