package dev.sidecar.throttle.tokens;

/**
 * What a request may cost, by what is known at the moment: it is asked again while the request waits, since responses to others
 * may have told more. Thread-safe; called under the throttle's lock, so it must not block.
 */
@FunctionalInterface
public interface TokenCost {

    TokenEstimate estimate();
}
