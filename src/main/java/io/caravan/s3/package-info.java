/** Access to the object store: AWS S3 or a compatible one. */
@NullMarked
package io.caravan.s3;

import org.jspecify.annotations.NullMarked;
