/**
 * The proving ground: the ways in which real providers count requests, one class a shape, and the network before them.
 * Nothing here reads a clock or takes a lock, so that hours pass in milliseconds; the demo's provider is one user.
 */
@NullMarked
package dev.sidecar.proving;

import org.jspecify.annotations.NullMarked;
