/** The operators' views: health, readiness, status, metrics, the start-up banner. */
@NullMarked
package dev.sidecar.ops;

import org.jspecify.annotations.NullMarked;
