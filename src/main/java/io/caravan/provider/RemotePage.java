package io.caravan.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a provider's list.
 *
 * @param after the id to ask the next page with; absent on the last page
 */
public record RemotePage(List<JsonNode> entries, @Nullable String after) {}
