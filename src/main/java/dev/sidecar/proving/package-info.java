/** The proving run: traffic against every way of counting, in virtual time. */
@NullMarked
package dev.sidecar.proving;

import org.jspecify.annotations.NullMarked;
