/**
 * The flow of files from inbox to outbox: pipelines and their settings; the subpackages hold the
 * beans that the routes call. Routes name {@link io.caravan.flow.Pipeline} and {@link
 * io.caravan.flow.S3Inbox}.
 */
@NullMarked
package io.caravan.flow;

import org.jspecify.annotations.NullMarked;
