/**
 * Converts input files to JSONL: decodes text, reads tables, fills templates, normalises requests.
 */
@NullMarked
@NamedInterface("convert")
package io.caravan.jsonl.convert;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
