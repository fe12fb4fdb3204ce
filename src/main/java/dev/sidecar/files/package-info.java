/**
 * The files that operators edit while the sidecar runs: when to read them, and where in them a problem is. What is in
 * them is for others to know.
 */
@NullMarked
package dev.sidecar.files;

import org.jspecify.annotations.NullMarked;
