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

/** The throttle before one shape of provider, under one demand, for hours of virtual time. Used once, by one thread. */
final class Trial {

    private static final long SECOND = 1_000_000_000L;
    private static final long MOST_JITTER = SECOND / 10;
    private static final long GRANT_TO_WRITE = 2_000_000L;
    private static final ProviderLimit.Request CHAT = new ProviderLimit.Request("/v1/chat/completions", "model");
    private static final int NORMAL_BACKLOG = 20;
    private static final int LOW_BACKLOG = 5;
    private static final double HIGH_PER_MINUTE = 4;
    /** Three of four answers are streamed; until they begin it takes this long on average, the others ten times as long. */
    private static final double STREAMED_SECONDS = 0.4;

    private final VirtualTime time = new VirtualTime();
    private final RandomGenerator random;
    private final NetworkDelay delay;
    private final ProviderLimit provider;
    private final Demand demand;
    private final Throttle<Client> throttle;
    private final Map<Priority, Line> lines = new EnumMap<>(Priority.class);
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

    /** Those of a class. */
    private static final class Line {

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
            lines.put(each, new Line());
        }
    }

    /** How many others of the same key were let in since {@code measuredFrom}. */
    private long takenByOthers() {
        return provider.takenByOthers(time.nanoTime()) - takenBefore;
    }

    /** What came of it: counted at the provider, from {@code from} until {@code until}. */
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
        return new Figures(accepted, takenByOthers(), refused, visible, demandedNanos, line(Priority.HIGH).waits,
                line(Priority.NORMAL).waits, line(Priority.LOW).waits,
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
        while (taken && line(priority).waiting < backlog) {
            taken = arrive(priority);
        }
    }

    private Line line(Priority priority) {
        return Objects.requireNonNull(lines.get(priority));
    }

    private boolean arrive(Priority priority) {
        Client client = new Client(priority);
        return switch (throttle.admit(priority, null, CHAT.model())) {
            case Admission.Queued<Client>(var ticket, var _, var _) -> {
                line(priority).waiting++;
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
        line(client.priority()).waiting--;
        if (departure.verdict() instanceof Verdict.Granted(Slot slot)) {
            if (time.nanoTime() >= measuredFrom) {
                line(client.priority()).waits.add(departure.waited());
            }
            write(departure.ticket(), client, slot);
        }
    }

    /** @param ticket null beside the queue */
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
            slot.succeeded(); // it says nothing about the rate
            if (ticket != null) {
                throttle.workerCapReached(ticket);
            }
        } else {
            slot.refused(RateLimitSignal.unknown());
        }
        if (ticket != null && throttle.retry(ticket,
                Duration.ofNanos(random.nextLong(MOST_JITTER))) instanceof Admission.Queued<Client> queued) {
            line(client.priority()).waiting++;
            throttle.enqueue(queued.ticket(), client);
        } else {
            visible++;
        }
    }
}
