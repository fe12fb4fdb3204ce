/** Bytes in and out: the server's limits, the abortable upstream client, the response relay. */
@NullMarked
package dev.sidecar.relay;

import org.jspecify.annotations.NullMarked;
