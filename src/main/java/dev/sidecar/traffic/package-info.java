/** What passed through: counts and latencies, in total and by model. */
@NullMarked
package dev.sidecar.traffic;

import org.jspecify.annotations.NullMarked;
