/**
 * Makes JSONL of what people drop: decodes texts, reads tables, fills templates, normalises rows.
 */
@NullMarked
package io.caravan.jsonl.convert;

import org.jspecify.annotations.NullMarked;
