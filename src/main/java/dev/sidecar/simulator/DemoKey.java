package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.Shapes;

/**
 * A key that the simulated provider knows, with a limit of its own. Immutable.
 *
 * @param value as requests send it
 * @param limit accepted POST requests a minute
 * @param shape how requests are counted: one of {@link Shapes#names()}
 */
public record DemoKey(String value, int limit, String shape) {

    static final int MOST = 1_000_000;

    private static final String USUAL_SHAPE = "sliding-log";

    /** Checks every value; the message of the {@link IllegalArgumentException} does not show the key. */
    public DemoKey {
        if (value.isBlank() || !Shapes.names().contains(shape) || limit < Shapes.leastLimit(shape) || limit > MOST) {
            throw wrong();
        }
    }

    /** @param text such as {@code key-a:40} or {@code key-a:40:fixed-window} */
    public static DemoKey of(String text) {
        var parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw wrong();
        }
        try {
            return new DemoKey(parts[0], Integer.parseInt(parts[1]), parts.length == 3 ? parts[2] : USUAL_SHAPE);
        } catch (NumberFormatException e) {
            throw wrong();
        }
    }

    static IllegalArgumentException wrong() {
        return new IllegalArgumentException("sidecar.demo.keys must be a list such as key-a:40,key-b:20:fixed-window,"
                + " with each key once, limits between 1 and " + MOST + " (sub-window: from "
                + Shapes.leastLimit("sub-window") + "), and shapes of " + Shapes.names());
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "DemoKey[" + limit + " " + shape + "]";
    }
}
