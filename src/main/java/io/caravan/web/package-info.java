/** What holds for everything that is served over HTTP, whatever answers it. */
@NullMarked
package io.caravan.web;

import org.jspecify.annotations.NullMarked;
