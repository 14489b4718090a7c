/**
 * Makes JSONL of what people drop: decodes texts, reads tables, fills templates, normalises rows.
 */
@NullMarked
@NamedInterface("convert")
package io.caravan.jsonl.convert;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
