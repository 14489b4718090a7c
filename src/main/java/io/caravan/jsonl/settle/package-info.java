/** Matches answers to requests and writes results and errors in input order. */
@NullMarked
@NamedInterface("settle")
package io.caravan.jsonl.settle;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
