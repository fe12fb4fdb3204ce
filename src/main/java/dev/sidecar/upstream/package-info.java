/** The client half: connections that can be aborted, time-outs, the relay of the response. */
@NullMarked
package dev.sidecar.upstream;

import org.jspecify.annotations.NullMarked;
