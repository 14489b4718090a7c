/** The bytes of jobs: in a folder or in S3, with local copies and scratch files. */
@NullMarked
package io.caravan.workspace;

import org.jspecify.annotations.NullMarked;
