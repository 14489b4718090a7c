/** How the object store is reached: AWS S3, or another one that speaks its API. */
@NullMarked
package io.caravan.s3;

import org.jspecify.annotations.NullMarked;
