/** Reading the provider: what the head and the first bytes of an answer say about limits. Pure, without I/O. */
@NullMarked
package dev.sidecar.provider;

import org.jspecify.annotations.NullMarked;
