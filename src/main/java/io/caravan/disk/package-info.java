/** Free space on disks, and private folders. */
@NullMarked
package io.caravan.disk;

import org.jspecify.annotations.NullMarked;
