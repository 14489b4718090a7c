/** Stores job files in a folder or in S3, with local copies and temporary files. */
@NullMarked
package io.caravan.workspace;

import org.jspecify.annotations.NullMarked;
