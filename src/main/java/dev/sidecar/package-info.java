/** NVIDIA Sidecar: a rate-limiting, priority-queueing proxy for rate-limited LLM APIs. */
@NullMarked
package dev.sidecar;

import org.jspecify.annotations.NullMarked;
