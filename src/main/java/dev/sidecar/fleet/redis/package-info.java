/** The way to the other replicas through Redis. Nothing else knows that Redis, or its client, exists. */
@NullMarked
package dev.sidecar.fleet.redis;

import org.jspecify.annotations.NullMarked;
