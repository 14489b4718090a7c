/**
 * Takes files through: pipelines and their settings here, and in the rooms below the beans that the
 * routes call. Routes name {@link io.caravan.flow.Pipeline} and {@link io.caravan.flow.S3Inbox}.
 */
@NullMarked
package io.caravan.flow;

import org.jspecify.annotations.NullMarked;
