package dev.sidecar.throttle;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Minutes of traffic in virtual time: events happen in order, and between two of them everybody leaves the line at the
 * moment the throttle says. Every granted request is sent after a delay, arrives at the provider after a jitter and is
 * answered some time after that.
 */
final class Simulation {

    private record Event(long at, long number, Runnable action) {
    }

    final VirtualClock clock;
    final long origin;
    final Budget budget;
    final Throttle<String> throttle;
    /** When each request was sent, arrived and was answered, in nanoseconds after the start. */
    final List<Long> sends = new ArrayList<>();
    final List<Long> arrivals = new ArrayList<>();
    final List<Long> answers = new ArrayList<>();
    final List<Long> grants = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private final LongSupplier sendDelay;
    private final LongSupplier jitter;
    private final LongSupplier thought;
    private long number;
    /** Told of everybody who leaves the queue. */
    Consumer<Departure<String>> left = _ -> {
    };
    /** Asked when a request arrives: how it will be answered. */
    Supplier<Consumer<Slot>> provider = () -> Slot::succeeded;

    /**
     * The suppliers answer nanoseconds; a negative send delay means that the slot is given back after that time.
     *
     * @param thought from arrival to answer
     */
    Simulation(ThrottleSettings settings, long origin, LongSupplier sendDelay, LongSupplier jitter,
            LongSupplier thought) {
        this.origin = origin;
        this.clock = new VirtualClock(origin);
        this.throttle = new Throttle<>(settings, clock);
        this.budget = throttle.budget;
        this.sendDelay = sendDelay;
        this.jitter = jitter;
        this.thought = thought;
    }

    long now() {
        return clock.nanoTime() - origin;
    }

    void at(long nanos, Runnable action) {
        events.add(new Event(nanos, number++, action));
    }

    void arrive(long nanos, Priority priority) {
        at(nanos, () -> arrive(priority));
    }

    void arrive(Priority priority) {
        switch (throttle.admit(priority, null)) {
            case Admission.Queued<String>(var ticket, var _, var _) -> throttle.enqueue(ticket, priority.label());
            case Admission.Bypassed<String>(var slot) -> send(slot);
            case Admission.Refused<String> _ -> {
            }
        }
    }

    void runUntil(long end) {
        while (true) {
            long wait = switch (throttle.next()) {
                case Next.Depart<String>(var departure) -> {
                    left.accept(departure);
                    if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                        grants.add(now());
                        send(slot);
                    }
                    yield 0L;
                }
                case Next.WaitNanos<String>(var nanos) -> nanos;
                case Next.Idle<String> _ -> Long.MAX_VALUE;
            };
            Event event = events.peek();
            long toEvent = (event == null ? end : Math.min(end, event.at)) - now();
            if (wait > 0) {
                clock.advance(Math.max(0, Math.min(wait, toEvent)));
            }
            if (event != null && event.at <= now()) {
                events.remove(event);
                event.action.run();
            } else if (now() >= end) {
                return;
            }
        }
    }

    private void send(Slot slot) {
        long delay = sendDelay.getAsLong();
        if (delay < 0) {
            at(now() - delay, slot::giveBack);
        } else if (delay == 0) {
            write(slot);
        } else {
            at(now() + delay, () -> write(slot));
        }
    }

    private void write(Slot slot) {
        slot.sent();
        sends.add(now());
        long arrival = now() + jitter.getAsLong();
        arrivals.add(arrival);
        long answer = arrival + thought.getAsLong();
        answers.add(answer);
        at(arrival, () -> {
            Consumer<Slot> said = provider.get();
            at(answer, () -> said.accept(slot));
        });
    }

    /** How many of those sent by this moment may still have arrived within the minute before it. */
    int counted(long moment) {
        int counted = 0;
        for (int i = sends.size() - 1; i >= 0 && moment - sends.get(i) < 61 * Desk.SECOND; i--) {
            long arrivedBy = Math.min(answers.get(i), sends.get(i) + 600 * Desk.MILLI);
            if (sends.get(i) <= moment && moment - arrivedBy < 60 * Desk.SECOND) {
                counted++;
            }
        }
        return counted;
    }

    /** The most that lie in any window of this length, its end excluded. */
    static int mostWithin(List<Long> times, long window) {
        List<Long> sorted = times.stream().sorted().toList();
        int most = 0;
        int first = 0;
        for (int i = 0; i < sorted.size(); i++) {
            while (sorted.get(i) - sorted.get(first) >= window) {
                first++;
            }
            most = Math.max(most, i - first + 1);
        }
        return most;
    }
}
