package dev.sidecar.simulator.limits;

/** A shape whose limit may change while it counts: see {@link MovingLimit}. */
public interface Resizable extends ProviderLimit {

    /** From now on at most {@code limit} (1 to 1,000,000) requests a window; counted requests stay counted. */
    void resize(int limit);
}
