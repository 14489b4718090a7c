package io.caravan.flow.synchronous;

import io.caravan.call.UpstreamReply;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What the outcome of a call means for its request. */
sealed interface Verdict {
  /**
   * The request has its answer, or its final error.
   *
   * @param line for the answers' file, with its line end
   * @param cost null if the price is unknown
   */
  @SuppressWarnings("ArrayRecordComponent") // written and never compared
  record Final(byte[] line, boolean success, @Nullable BigDecimal cost) implements Verdict {}

  /**
   * The request may be sent again.
   *
   * @param charged whether the call may have been charged
   * @param noCapacity whether the tier has no free capacity
   * @param reply how to wait; null: as after a failure without an answer
   */
  record Again(String problem, boolean charged, boolean noCapacity, @Nullable UpstreamReply reply)
      implements Verdict {}

  /** The model does not exist in this tier. */
  record NoTier(String problem) implements Verdict {}

  /** The provider refuses all requests: the key is wrong, or there is no credit. */
  record AccessRefused(String problem) implements Verdict {}
}
