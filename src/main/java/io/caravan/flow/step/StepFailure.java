package io.caravan.flow.step;

import io.caravan.call.TemporaryFailures;
import io.caravan.disk.NoRoomException;
import io.caravan.flow.call.CallTimeoutException;
import io.caravan.provider.AccessRefusedException;
import io.caravan.provider.QueueFullException;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RetryableProviderException;
import io.caravan.s3.S3Problem;
import io.caravan.workspace.WorkspaceException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.util.ObjectHelper;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/** Why a step failed: the kind of failure, and a line that describes it. */
final class StepFailure {
  private static final int LONGEST_TEXT = 1000;

  /** Failures before a connection existed: the request was certainly not sent. */
  private static final List<Class<? extends IOException>> NEVER_SENT =
      List.of(
          ConnectException.class,
          ConnectTimeoutException.class,
          NoRouteToHostException.class,
          UnknownHostException.class,
          NoRoomException.class,
          WorkspaceException.class); // the workspace is read before anything is sent

  /** The connection failed or timed out. */
  private static final List<Class<? extends IOException>> OUT_OF_REACH =
      List.of(
          SocketException.class,
          UnknownHostException.class,
          InterruptedIOException.class, // all timeouts
          SSLException.class,
          NoHttpResponseException.class,
          ConnectionClosedException.class);

  private static final List<Class<? extends IOException>> TIMEOUTS =
      List.of(CallTimeoutException.class, SocketTimeoutException.class);

  private final Exception cause;
  private final String text;

  StepFailure(Exception cause) {
    this.cause = cause;
    this.text = describe();
  }

  /** Returns the failure behind the exceptions in which a split wraps it. */
  static StepFailure of(Exception caught) {
    return caught instanceof CamelExchangeException && caught.getCause() instanceof Exception cause
        ? of(cause)
        : new StepFailure(caught);
  }

  Exception cause() {
    return cause;
  }

  /** Says what failed, in a line for operators. */
  String text() {
    return text;
  }

  /** Whether the request was certainly not sent. */
  boolean isNeverSent() {
    return isAny(NEVER_SENT);
  }

  /** Whether the connection failed or timed out. */
  boolean isOutOfReach() {
    return !isWorkspace() && isAny(OUT_OF_REACH);
  }

  /** Whether a call took too long. */
  boolean isTimeout() {
    return isAny(TIMEOUTS);
  }

  /** Whether the provider answered that it is down or overloaded. */
  boolean isUnavailable() {
    return cause instanceof RetryableProviderException answer && answer.isUnavailable();
  }

  /**
   * Whether it passes in time: the provider refuses access, is full or overloaded, or a disk is
   * full.
   */
  boolean passesInTime() {
    return isAccessRefused()
        || isNoRoom()
        || cause instanceof QueueFullException
        || (cause instanceof RetryableProviderException retryable && retryable.passesInTime());
  }

  /** Whether the infrastructure failed: database, object store, disk or an outbound endpoint. */
  boolean isInfrastructure() {
    return cause instanceof DataAccessException
        || S3Problem.of(cause).isPresent()
        || isEndpointUnavailable()
        || (isIo() && !(cause instanceof RetryableProviderException));
  }

  /** Whether it needs no stack trace. */
  boolean isExpected() {
    return cause instanceof RetryableProviderException
        || cause instanceof RejectedByProviderException
        || isAccessRefused()
        || cause instanceof QueueFullException
        || cause instanceof DataAccessException
        || S3Problem.of(cause).isPresent()
        || find(HttpOperationFailedException.class) != null
        || isIo();
  }

  /** Whether the provider refuses all requests, as with a revoked key. */
  boolean isAccessRefused() {
    return cause instanceof AccessRefusedException;
  }

  /** Whether a call to the provider broke without an answer. */
  boolean isCallFailure() {
    return !(cause instanceof RetryableProviderException) && isIo() && !isWorkspace();
  }

  /** The wait that the provider asks for; null when it asks for none. */
  @Nullable Duration retryAfter() {
    return cause instanceof RetryableProviderException retryable ? retryable.retryAfter() : null;
  }

  /** The exception of that type among the causes; null for none. */
  <T extends Throwable> @Nullable T find(Class<T> type) {
    return ObjectHelper.getException(type, cause);
  }

  /** Whether an HTTP endpoint of an outbound route answered that it is down or overloaded. */
  private boolean isEndpointUnavailable() {
    HttpOperationFailedException answer = find(HttpOperationFailedException.class);
    return answer != null && TemporaryFailures.SINGLE_REQUEST.include(answer.getStatusCode());
  }

  private boolean isIo() {
    return find(IOException.class) != null;
  }

  private boolean isWorkspace() {
    return find(WorkspaceException.class) != null || isNoRoom();
  }

  private boolean isNoRoom() {
    return find(NoRoomException.class) != null;
  }

  private boolean isAny(List<Class<? extends IOException>> types) {
    return types.stream().anyMatch(type -> find(type) != null);
  }

  private String describe() {
    WorkspaceException workspace = find(WorkspaceException.class);
    if (workspace != null) {
      return String.valueOf(workspace.getMessage()); // the deepest cause does not name the place
    }
    NoRoomException room = find(NoRoomException.class);
    if (room != null) {
      return String.valueOf(room.getMessage());
    }
    CallTimeoutException late = find(CallTimeoutException.class);
    if (late != null) {
      return String.valueOf(late.getMessage());
    }
    Optional<String> s3 = S3Problem.of(cause);
    if (s3.isPresent()) {
      return s3.get();
    }
    IOException io = find(IOException.class);
    Exception told = io == null ? cause : io;
    String line =
        told instanceof RetryableProviderException
                || told instanceof RejectedByProviderException
                || told instanceof AccessRefusedException
                || told instanceof QueueFullException
            ? String.valueOf(told.getMessage())
            : told.getClass().getSimpleName() + ": " + told.getMessage();
    return line.length() > LONGEST_TEXT ? line.substring(0, LONGEST_TEXT) : line;
  }
}
