package dev.sidecar.proving;

import dev.sidecar.simulator.limits.NetworkDelay;
import dev.sidecar.simulator.limits.ProviderLimit;
import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Runs the throttle with one shape of provider and one demand, for hours of virtual time. For one use, by one thread. */
final class Trial {

    private static final long SECOND = 1_000_000_000L;
    private static final long MOST_JITTER = SECOND / 10;
    private static final long GRANT_TO_WRITE = 2_000_000L;
    private static final ProviderLimit.Request CHAT = new ProviderLimit.Request("/v1/chat/completions", "model");
    private static final int NORMAL_BACKLOG = 20;
    private static final int LOW_BACKLOG = 5;
    private static final double HIGH_PER_MINUTE = 4;
    /**
     * The average time until a streamed response begins. Three of four responses are streamed; the others take ten
     * times as long.
     */
    private static final double STREAMED_SECONDS = 0.4;

    private final VirtualTime time = new VirtualTime();
    private final RandomGenerator random;
    private final NetworkDelay delay;
    private final ProviderLimit provider;
    private final Demand demand;
    private final Throttle<Client> throttle;
    private final Map<Priority, ClassQueue> queues = new EnumMap<>(Priority.class);
    private final int limitPerMinute;

    private long measuredFrom;
    private long measuredUntil;
    private long accepted;
    private long refused;
    private long visible;
    private long demandedNanos;
    private long takenBefore;

    private record Client(Priority priority) {
    }

    /** The waiting requests of a class, and the waits of those before. */
    private static final class ClassQueue {

        private final Waits waits = new Waits();
        private int waiting;
    }

    Trial(ThrottleSettings settings, ProviderLimit provider, Demand demand, RandomGenerator random) {
        this.random = random;
        this.delay = new NetworkDelay(random);
        this.provider = provider;
        this.demand = demand;
        this.limitPerMinute = settings.limitPerMinute();
        this.throttle = new Throttle<>(settings, time);
        for (Priority each : Priority.values()) {
            queues.put(each, new ClassQueue());
        }
    }

    /** How many requests of others with the same key were accepted since {@code measuredFrom}. */
    private long takenByOthers() {
        return provider.takenByOthers(time.nanoTime()) - takenBefore;
    }

    /** Runs the trial, and returns the figures counted at the provider from {@code from} until {@code until}. */
    Figures run(Duration from, Duration until) {
        measuredFrom = from.toNanos();
        measuredUntil = until.toNanos();
        arrivals(Priority.HIGH, HIGH_PER_MINUTE);
        if (demand == Demand.LOW_FLOOD) {
            arrivals(Priority.LOW, 10.0 * limitPerMinute);
        }
        if (demand == Demand.OVERFLOW) {
            arrivals(Priority.NORMAL, 3.0 * limitPerMinute);
        }
        time.after(measuredFrom, () -> takenBefore = provider.takenByOthers(time.nanoTime()));
        while (time.nanoTime() < measuredUntil) {
            topUp();
            long before = time.nanoTime();
            switch (throttle.next()) {
                case Next.Depart<Client>(var departure) -> leave(departure);
                case Next.WaitNanos<Client>(var nanos) -> time.advance(Math.min(nanos, SECOND));
                case Next.Idle<Client> _ -> time.advance(SECOND);
            }
            if (before >= measuredFrom && throttle.size() > 0) {
                demandedNanos += time.nanoTime() - before;
            }
        }
        return new Figures(accepted, takenByOthers(), refused, visible, demandedNanos, queue(Priority.HIGH).waits,
                queue(Priority.NORMAL).waits, queue(Priority.LOW).waits,
                throttle.snapshot());
    }

    private void arrivals(Priority priority, double perMinute) {
        time.after((long) (random.nextExponential() * 60 * SECOND / perMinute), () -> {
            if (demand.isOn(time.nanoTime())) {
                arrive(priority);
            }
            arrivals(priority, perMinute);
        });
    }

    private void topUp() {
        if ((demand == Demand.FULL || demand == Demand.ON_OFF) && demand.isOn(time.nanoTime())) {
            fill(Priority.NORMAL, NORMAL_BACKLOG);
            fill(Priority.LOW, LOW_BACKLOG);
        }
    }

    private void fill(Priority priority, int backlog) {
        boolean taken = true;
        while (taken && queue(priority).waiting < backlog) {
            taken = arrive(priority);
        }
    }

    private ClassQueue queue(Priority priority) {
        return Objects.requireNonNull(queues.get(priority));
    }

    private boolean arrive(Priority priority) {
        Client client = new Client(priority);
        return switch (throttle.admit(priority, null, CHAT.model())) {
            case Admission.Queued<Client>(var ticket, var _, var _) -> {
                queue(priority).waiting++;
                throttle.enqueue(ticket, client);
                yield true;
            }
            case Admission.Bypassed<Client>(Slot slot) -> {
                write(null, client, slot);
                yield true;
            }
            case Admission.Refused<Client> _ -> false;
        };
    }

    private void leave(Departure<Client> departure) {
        Client client = departure.payload();
        queue(client.priority()).waiting--;
        if (departure.verdict() instanceof Verdict.Granted(Slot slot)) {
            if (time.nanoTime() >= measuredFrom) {
                queue(client.priority()).waits.add(departure.waited());
            }
            write(departure.ticket(), client, slot);
        }
    }

    /** @param ticket null for a request beside the queue */
    private void write(@Nullable Ticket<Client> ticket, Client client, Slot slot) {
        time.after(GRANT_TO_WRITE, () -> {
            slot.sent();
            time.after(delay.nextNanos(), () -> arriveAtProvider(ticket, client, slot));
        });
    }

    private void arriveAtProvider(@Nullable Ticket<Client> ticket, Client client, Slot slot) {
        boolean counts = time.nanoTime() >= measuredFrom && time.nanoTime() < measuredUntil;
        Decision decision = provider.decide(CHAT, time.nanoTime());
        if (decision instanceof Decision.Accepted) {
            accepted += counts ? 1 : 0;
            double mean = STREAMED_SECONDS * (random.nextInt(4) > 0 ? 1 : 10);
            long thinking = (long) (random.nextExponential() * mean * SECOND);
            time.after(thinking, () -> provider.ended(CHAT, time.nanoTime()));
            time.after(thinking + delay.nextNanos(), () -> accept(ticket, slot));
        } else {
            refused += counts ? 1 : 0;
            time.after(delay.nextNanos(), () -> refuse(ticket, client, slot, decision));
        }
    }

    private void accept(@Nullable Ticket<Client> ticket, Slot slot) {
        slot.succeeded();
        if (ticket != null) {
            throttle.finished(ticket);
        }
    }

    private void refuse(@Nullable Ticket<Client> ticket, Client client, Slot slot, Decision decision) {
        if (decision instanceof Decision.WorkersBusy) {
            slot.succeeded(); // busy workers say nothing about the rate
            if (ticket != null) {
                throttle.workerCapReached(ticket);
            }
        } else {
            slot.refused(RateLimitSignal.unknown());
        }
        if (ticket != null && throttle.retry(ticket,
                Duration.ofNanos(random.nextLong(MOST_JITTER))) instanceof Admission.Queued<Client> queued) {
            queue(client.priority()).waiting++;
            throttle.enqueue(queued.ticket(), client);
        } else {
            visible++;
        }
    }
}
