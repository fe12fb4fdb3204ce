/** What outlives the process: the ledger of sends in a file, and what was learned. */
@NullMarked
package dev.sidecar.state;

import org.jspecify.annotations.NullMarked;
