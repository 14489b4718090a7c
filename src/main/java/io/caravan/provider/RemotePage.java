package io.caravan.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a provider's list.
 *
 * @param after the cursor of the next page; null on the last page
 */
public record RemotePage(List<JsonNode> entries, @Nullable String after) {}
