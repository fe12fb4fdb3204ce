/** The simulated provider of the demo profile. */
@NullMarked
package dev.sidecar.demo;

import org.jspecify.annotations.NullMarked;
