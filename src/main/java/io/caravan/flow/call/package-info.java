/** Calls to providers over HTTP: headers, time limits, redirects, and provider health. */
@NullMarked
@NamedInterface("call")
package io.caravan.flow.call;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
