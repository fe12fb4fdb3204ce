package dev.sidecar.bench;

import java.util.ArrayList;
import java.util.List;

/** Every answer that was not what it had to be. One is enough to fail the run, many end it at once. */
final class Faults {

    private static final int SHOWN = 10;
    private static final int TOO_MANY = 200;

    private final List<String> first = new ArrayList<>();
    private int count;

    synchronized void add(String fault) {
        count++;
        if (first.size() < SHOWN) {
            first.add(fault);
        }
        if (count == TOO_MANY) {
            throw new IllegalStateException(TOO_MANY + " faults, the first: " + first.getFirst());
        }
    }

    synchronized int count() {
        return count;
    }

    synchronized List<String> first() {
        return List.copyOf(first);
    }
}
