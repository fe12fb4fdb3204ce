/** Reads what the head and the first bytes of a response say about the provider's limits. Pure, without I/O. */
@NullMarked
package dev.sidecar.upstream.limits;

import org.jspecify.annotations.NullMarked;
