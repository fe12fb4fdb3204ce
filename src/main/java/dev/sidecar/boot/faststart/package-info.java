/** What replaces parts of Spring at the start, so that it is short. */
@NullMarked
package dev.sidecar.boot.faststart;

import org.jspecify.annotations.NullMarked;
