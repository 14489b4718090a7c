/** The test kit: a provider that users' tests script, published as caravan-testkit.jar. */
@NullMarked
package io.caravan.testkit;

import org.jspecify.annotations.NullMarked;
