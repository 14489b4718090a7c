/** Room on the disks that files are written to. */
@NullMarked
package io.caravan.disk;

import org.jspecify.annotations.NullMarked;
