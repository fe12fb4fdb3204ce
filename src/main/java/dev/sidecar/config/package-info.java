/** Settings: validated, immutable, named after the environment variables operators set. */
@NullMarked
package dev.sidecar.config;

import org.jspecify.annotations.NullMarked;
