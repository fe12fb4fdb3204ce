/** Settings: validated, immutable, named after the operators' environment variables. */
@NullMarked
package dev.sidecar.config;

import org.jspecify.annotations.NullMarked;
