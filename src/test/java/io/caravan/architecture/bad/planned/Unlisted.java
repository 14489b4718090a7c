package io.caravan.architecture.bad.planned;

/** Stands in a module that no table knows. */
public class Unlisted {}
