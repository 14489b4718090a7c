/** Rules for all HTTP endpoints: allowed hosts and origins, and limits of request bodies. */
@NullMarked
package io.caravan.web;

import org.jspecify.annotations.NullMarked;
