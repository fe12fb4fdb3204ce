/** Wiring, one configuration a room; start, shutdown and the modes of the command line. */
@NullMarked
package dev.sidecar.boot;

import org.jspecify.annotations.NullMarked;
