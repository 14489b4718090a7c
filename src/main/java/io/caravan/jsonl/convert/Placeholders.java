package io.caravan.jsonl.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with {@code {{column}}} placeholders; placeholders in values are not expanded. */
record Placeholders(String text) {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\s*([^{}]+?)\\s*}}");

  /** The columns that the text uses. */
  Set<String> columns() {
    var columns = new LinkedHashSet<String>();
    PLACEHOLDER.matcher(text).results().map(it -> it.group(1)).forEach(columns::add);
    return columns;
  }

  /** The text with the values of a row, which must have all of the columns. */
  String fill(ObjectNode row) {
    return PLACEHOLDER.matcher(text).replaceAll(it -> Matcher.quoteReplacement(value(row, it)));
  }

  private static String value(ObjectNode row, MatchResult placeholder) {
    JsonNode value = row.path(placeholder.group(1));
    return value.isNull() ? "" : value.isContainerNode() ? value.toString() : value.asText();
  }
}
