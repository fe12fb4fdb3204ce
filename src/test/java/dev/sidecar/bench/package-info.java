/** What the sidecar costs: the same load on no proxy, a plain Vert.x proxy and the sidecar ({@code -Pbench}). */
@NullMarked
package dev.sidecar.bench;

import org.jspecify.annotations.NullMarked;
