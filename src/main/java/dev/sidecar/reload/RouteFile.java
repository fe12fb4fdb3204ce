package dev.sidecar.reload;

/** A route file as it was read: check and load use the same characters. */
record RouteFile(String name, String text) {
}
