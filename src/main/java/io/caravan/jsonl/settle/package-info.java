/** Matches answers to requests and writes results and errors in input order. */
@NullMarked
package io.caravan.jsonl.settle;

import org.jspecify.annotations.NullMarked;
