package io.caravan.jsonl;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Scans byte arrays eight bytes at a time. */
public final class ByteScan {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;

  private ByteScan() {}

  /** The first newline in {@code [from, to)}, or -1. */
  static int newline(byte[] bytes, int from, int to) {
    return first(bytes, from, to, (byte) '\n');
  }

  /** The first backslash in {@code [from, to)}, or -1. */
  static int backslash(byte[] bytes, int from, int to) {
    return first(bytes, from, to, (byte) '\\');
  }

  /** The first zero in {@code [from, to)}, or -1. */
  public static int zero(byte[] bytes, int from, int to) {
    return first(bytes, from, to, (byte) 0);
  }

  /** The closing quote of a JSON string whose content starts at {@code from}; else {@code to}. */
  public static int quote(byte[] bytes, int from, int to) {
    int at = first(bytes, from, to, (byte) '"');
    while (at >= 0 && isEscaped(bytes, from, at)) {
      at = first(bytes, at + 1, to, (byte) '"');
    }
    return at < 0 ? to : at;
  }

  private static boolean isEscaped(byte[] bytes, int from, int quote) {
    int backslash = quote - 1;
    while (backslash >= from && bytes[backslash] == '\\') {
      backslash--;
    }
    return (quote - backslash) % 2 == 0;
  }

  private static int first(byte[] bytes, int from, int to, byte wanted) {
    int at = from;
    for (; at <= to - 8; at += 8) {
      long word = (long) EIGHT.get(bytes, at) ^ (ONES * wanted);
      long zeros = (word - ONES) & ~word & HIGHS;
      if (zeros != 0) {
        return at + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; at < to; at++) {
      if (bytes[at] == wanted) {
        return at;
      }
    }
    return -1;
  }

  /** Whether {@code [from, to)} is well-formed UTF-8, by table 3-7 of the Unicode standard. */
  static boolean isUtf8(byte[] bytes, int from, int to) {
    int at = from;
    while (true) {
      while (at <= to - 8 && ((long) EIGHT.get(bytes, at) & HIGHS) == 0) {
        at += 8;
      }
      if (at >= to) {
        return true;
      }
      int length = sequence(bytes, at, to);
      if (length == 0) {
        return false;
      }
      at += length;
    }
  }

  /** Length of the well-formed sequence at {@code at}, or 0. */
  private static int sequence(byte[] bytes, int at, int to) {
    int first = bytes[at] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
      return 0;
    }
    int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (at + length > to) {
      return 0;
    }
    int second = bytes[at + 1] & 0xff;
    int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < lowest || second > highest) {
      return 0;
    }
    for (int i = 2; i < length; i++) {
      if ((bytes[at + i] & 0xc0) != 0x80) {
        return 0;
      }
    }
    return length;
  }
}
