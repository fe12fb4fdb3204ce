package dev.sidecar.reload;

/** A file of routes as it was read: what is checked and what is loaded are the same characters. */
record RouteFile(String name, String text) {
}
