/**
 * Rules for all HTTP endpoints: allowed hosts and origins, limits of request bodies, and error
 * answers.
 */
@NullMarked
package io.caravan.web;

import org.jspecify.annotations.NullMarked;
