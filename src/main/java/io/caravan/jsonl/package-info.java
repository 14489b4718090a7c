/**
 * Accepts, validates, splits, harvests and settles JSONL files of requests, line by line, so that
 * memory does not grow with the file.
 */
@NullMarked
package io.caravan.jsonl;

import org.jspecify.annotations.NullMarked;
