/** What the sidecar does with connections, good and bad, seen from the socket. */
@NullMarked
package dev.sidecar.wire;

import org.jspecify.annotations.NullMarked;
