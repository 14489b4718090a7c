package io.caravan.architecture.bad.queue;

/** Stands in a module that no table knows. */
public class Unlisted {}
