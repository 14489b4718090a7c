package io.caravan.architecture.bad.flow.inner;

/** Belongs to its module alone. */
public class Internal {}
