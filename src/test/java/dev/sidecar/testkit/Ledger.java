package dev.sidecar.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What the fake provider saw. Its monitor guards all its fields and is notified of every change. */
final class Ledger {

    private final List<Exchange> exchanges = new ArrayList<>();
    private final List<Exchange.Abort> aborts = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private int active;
    private int mostActive;

    synchronized void begin(Exchange exchange) {
        exchanges.add(exchange);
        active++;
        mostActive = Math.max(mostActive, active);
        notifyAll();
    }

    synchronized void end() {
        active--;
        notifyAll();
    }

    synchronized void aborted(Exchange.Abort abort) {
        aborts.add(abort);
        notifyAll();
    }

    synchronized void problem(String problem) {
        problems.add(problem);
        notifyAll();
    }

    synchronized List<Exchange> exchanges() {
        return List.copyOf(exchanges);
    }

    synchronized List<Exchange.Abort> aborts() {
        return List.copyOf(aborts);
    }

    synchronized List<String> problems() {
        return List.copyOf(problems);
    }

    synchronized int active() {
        return active;
    }

    synchronized int mostActive() {
        return mostActive;
    }

    synchronized void await(BooleanSupplier condition, Duration timeout, Supplier<String> expected) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("not within " + timeout + ": " + expected.get() + "; saw "
                            + exchanges.size() + " requests, " + aborts + ", " + problems);
                }
                wait(left);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + expected.get(), interrupted);
        }
    }
}
