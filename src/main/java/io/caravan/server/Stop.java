package io.caravan.server;

/** Why a running batch is told to stop. */
enum Stop {
  CANCEL,
  EXPIRE,
  /** The server stops; the batch goes on at its next start. */
  PAUSE
}
