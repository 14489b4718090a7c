/** Times that users write: when something may be sent, and by when it is needed. */
@NullMarked
package io.caravan.time;

import org.jspecify.annotations.NullMarked;
