/** The simulated provider of the profile demo. */
@NullMarked
package dev.sidecar.simulator;

import org.jspecify.annotations.NullMarked;
