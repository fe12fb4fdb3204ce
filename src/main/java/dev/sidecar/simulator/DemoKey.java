package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.Shapes;
import dev.sidecar.simulator.limits.TokenShapes;

/**
 * A key that the simulated provider knows, with limits of its own. Immutable.
 *
 * @param value as requests send it
 * @param limit accepted POST requests a minute
 * @param shape how requests are counted: one of {@link Shapes#names()}
 * @param tpm tokens a minute, 0 for no such limit
 */
public record DemoKey(String value, int limit, String shape, int tpm) {

    static final int MOST = 1_000_000;

    private static final String USUAL_SHAPE = "sliding-log";

    /** Checks every value; the message of the {@link IllegalArgumentException} does not show the key. */
    public DemoKey {
        if (value.isBlank() || !Shapes.names().contains(shape) || limit < Shapes.leastLimit(shape) || limit > MOST
                || tpm < 0 || tpm > TokenShapes.MOST) {
            throw wrong();
        }
    }

    /** A key without a limit of tokens. */
    public DemoKey(String value, int limit, String shape) {
        this(value, limit, shape, 0);
    }

    /** @param text such as {@code key-a:40}, {@code key-a:40:fixed-window} or {@code key-a:40:fixed-window:100000} */
    public static DemoKey of(String text) {
        var parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 4) {
            throw wrong();
        }
        try {
            return new DemoKey(parts[0], Integer.parseInt(parts[1]), parts.length > 2 ? parts[2] : USUAL_SHAPE,
                    parts.length > 3 ? Integer.parseInt(parts[3]) : 0);
        } catch (NumberFormatException e) {
            throw wrong();
        }
    }

    static IllegalArgumentException wrong() {
        return new IllegalArgumentException("sidecar.demo.keys must be a list such as key-a:40,key-b:20:fixed-window,"
                + " with each key once, limits between 1 and " + MOST + " (sub-window: from "
                + Shapes.leastLimit("sub-window") + "), shapes of " + Shapes.names()
                + ", and after the shape, if you like, up to " + TokenShapes.MOST + " tokens a minute");
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "DemoKey[" + limit + " " + shape + (tpm > 0 ? " " + tpm + " tokens" : "") + "]";
    }
}
