package dev.sidecar.fleet;

import dev.sidecar.fleet.Message.Ending;
import dev.sidecar.fleet.Message.Grant;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.Payer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The replica that holds the lease decides for all which request goes next, with the very same {@link Throttle} that a single replica
 * has. It decides order and time; whether a seat is free is decided by its home. So an error of the leader, or two leaders at a time,
 * can disturb the order, but never exceed a limit.
 *
 * <p>
 * Not thread-safe: one thread calls it. All times in nanoseconds.
 */
final class Leader {

    private static final long NEVER = Long.MAX_VALUE;
    private static final int MICRO = 1_000;

    private final String home;
    private final String name;
    private final long epoch;
    private final LeadersQueue rules;
    private final Throttle<Flight> queue;
    private final Outbox outbox;
    private final NanoClock clock;
    private final Timing timing;
    private final Membership membership;
    /** When homes were heard of last that the leader before has missed. */
    private final Map<String, Long> absentBefore;
    /** Requests that came before the leader began. */
    private final List<Flight> early = new ArrayList<>();
    private final long startedAt;
    private boolean begun;
    private long sequence;
    private long loans;
    private long saidAt;
    private long wakeAt = NEVER;
    /** What the queue may send. */
    private Map<AccountId, Integer> inForce = Map.of();

    /**
     * @param known what this replica and Redis know of the division of the limits
     * @param keep puts the tables where a later leader finds them, before what is sent after that
     * @param absentBefore when homes were heard of last that the leader before has missed
     */
    Leader(Home self, long epoch, List<Tables> known, Map<String, Long> absentBefore, LeadersQueue rules, Outbox outbox,
            Consumer<Tables> keep, NanoClock clock, Timing timing) {
        this.home = self.id();
        this.name = self.replica();
        this.epoch = epoch;
        this.absentBefore = Map.copyOf(absentBefore);
        this.rules = rules;
        this.outbox = outbox;
        this.clock = clock;
        this.timing = timing;
        this.startedAt = clock.nanoTime();
        this.saidAt = startedAt - timing.beat();
        this.membership = new Membership(home, epoch, known, rules, outbox, keep, timing);
        this.queue = rules.newQueue(clock);
        queue.parts(Map.of());
    }

    long epoch() {
        return epoch;
    }

    Throttle<Flight> queue() {
        return queue;
    }

    // What replicas say.

    void beat(String from, Message.Beat beat, long now) {
        membership.heardOf(from, now).beat(beat, now);
    }

    void hello(String from, Message.Hello hello, long now) {
        if (hello.epoch() != epoch) {
            return;
        }
        Member member = membership.heardOf(from, now);
        release(member);
        long uncounted = membership.join(member, hello, now);
        hello.seats().forEach(each -> queue.charge(each.account(), each.busy().stream().map(Timing::nanos)
                .filter(rest -> BudgetRule.SPAN - rest <= uncounted).toList()));
        if (uncounted == Long.MAX_VALUE && hello.tokens() != null) {
            hello.tokens().forEach(each -> queue.chargeTokens(each.account(), each.tokens()));
        }
        outbox.to(from, new Message.Welcome(epoch));
        takeOverParts();
    }

    /** An operator has changed a limit at one replica: it is the fleet's. */
    void limitChanged(Message.Limit limit) {
        membership.limitChanged(limit);
    }

    /** Other settings, providers or clients are in force at this replica. */
    void rulesChanged() {
        rules.applyTo(queue);
        membership.limitsChanged();
        takeOverParts();
    }

    /** This home is about to stop. */
    void leaves(String from) {
        membership.leaves(from);
    }

    void agree(String from, Message.Agree message) {
        membership.agree(from, message);
        takeOverParts();
    }

    void waits(String from, Request request, long now) {
        Member member = membership.led(from);
        if (member == null) {
            return;
        }
        Flight before = member.calls.get(request.call());
        if (before != null && before.slot != null) {
            return; // its grant is under way
        }
        left(member, request.call());
        Flight flight = new Flight(member, request, numberOf(request, now), now);
        member.calls.put(request.call(), flight);
        if (mayServe()) {
            enqueue(flight, request);
        } else {
            early.add(flight);
        }
    }

    /** Not before the first division of the limits. */
    private boolean mayServe() {
        return begun && inForce.values().stream().anyMatch(each -> each > 0);
    }

    /** Its number by its arrival, so that the older of two requests of a client has the lower one. */
    private long numberOf(Request request, long now) {
        sequence++;
        long arrival = (now - startedAt) / MICRO - request.age() * MICRO;
        return (arrival << 16) + (sequence & 0xFFFF);
    }

    private void enqueue(Flight flight, Request request) {
        Admission<Flight> admission = queue.admit(
                request.earlier(flight.number, keysWithout(flight.member)), request.priority(),
                Duration.ofMillis(request.patience()), request.model(),
                new ClientPolicy(request.client(), request.weight()), request.serving(), request.estimate());
        switch (admission) {
            case Admission.Queued<Flight>(Ticket<Flight> ticket, int _, Duration _) -> {
                flight.ticket = ticket;
                queue.enqueue(ticket, flight);
            }
            case Admission.Refused<Flight>(Refusal refusal) -> refuse(flight, refusal);
            case Admission.Bypassed<Flight>(var slot) -> throw new IllegalStateException("nobody passes " + slot);
        }
    }

    /** The keys that the leader knows and this replica does not. */
    private Set<String> keysWithout(Member member) {
        Set<String> keys = new HashSet<>(rules.keys());
        keys.removeAll(member.keys());
        return keys;
    }

    private void refuse(Flight flight, Refusal refusal) {
        flight.member.calls.remove(flight.call());
        outbox.to(flight.member.home, Message.Refused.of(flight.call(), refusal));
    }

    void left(String from, Call call) {
        Member member = membership.led(from);
        if (member != null) {
            left(member, call);
        }
    }

    private void left(Member member, Call call) {
        Flight flight = member.calls.get(call);
        if (flight == null) {
            return;
        }
        flight.left = true;
        if (flight.slot == null) {
            member.calls.remove(call);
            early.remove(flight);
            if (flight.ticket != null) {
                queue.abandon(flight.ticket);
            }
        }
    }

    void taken(String from, Call call) {
        Flight flight = granted(from, call);
        if (flight != null) {
            flight.taken = true;
        }
    }

    void notTaken(String from, Message.NotTaken message, long now) {
        Flight flight = granted(from, message.call());
        if (flight != null && !flight.taken) {
            flight.left = flight.left || !message.waits();
            backToItsPlace(flight, now);
        }
    }

    private void backToItsPlace(Flight flight, long now) {
        Objects.requireNonNull(flight.slot).giveBack();
        queue.finished(Objects.requireNonNull(flight.ticket));
        flight.member.calls.remove(flight.call());
        if (!flight.left) {
            Request request = flight.request.after(Timing.millis(now - flight.heardAt));
            Flight again = new Flight(flight.member, request, flight.number, now);
            again.member.calls.put(again.call(), again);
            enqueue(again, request);
        }
    }

    void sent(String from, Call call) {
        Flight flight = granted(from, call);
        if (flight != null) {
            flight.taken = true;
            Objects.requireNonNull(flight.slot).sent();
        }
    }

    void ended(String from, Message.Ended message) {
        Flight flight = granted(from, message.call());
        if (flight == null) {
            return;
        }
        flight.taken = true;
        var slot = Objects.requireNonNull(flight.slot);
        RateLimitSignal signal = message.signal() == null ? RateLimitSignal.NONE : message.signal().signal();
        if (message.ending() == Ending.GIVEN_BACK) {
            slot.giveBack();
        } else if (message.ending() == Ending.REFUSED) {
            slot.refused(signal);
        } else {
            slot.succeeded(signal);
        }
        if (flight.finished) {
            flight.member.calls.remove(flight.call());
        }
    }

    void finished(String from, Message.Finished message) {
        Flight flight = granted(from, message.call());
        if (flight == null) {
            return;
        }
        Ticket<Flight> ticket = Objects.requireNonNull(flight.ticket);
        if (message.workerCapReached()) {
            queue.workerCapReached(ticket);
        }
        queue.finished(ticket);
        if (Objects.requireNonNull(flight.slot).isEnded()) {
            flight.member.calls.remove(flight.call());
        } else {
            flight.finished = true;
        }
    }

    void keyRefusedFor(String from, Call call) {
        Flight flight = granted(from, call);
        if (flight != null) {
            queue.keyRefusedFor(Objects.requireNonNull(flight.ticket));
        }
    }

    void keyAccepted(String key, boolean accepted) {
        queue.keyAccepted(key, accepted);
    }

    void spent(String from, Message.Spent message) {
        Flight flight = granted(from, message.call());
        if (flight != null) {
            queue.spent(Objects.requireNonNull(flight.ticket), message.tokens());
        }
    }

    void notLent(Message.NotLent message, long now) {
        notTaken(message.to(), new Message.NotTaken(message.call(), true), now);
    }

    private @Nullable Flight granted(String from, Call call) {
        Member member = membership.led(from);
        Flight flight = member == null ? null : member.calls.get(call);
        return flight == null || flight.slot == null ? null : flight;
    }

    /** Messages of this home were lost. */
    void lost(String from) {
        Member member = membership.led(from);
        if (member != null) {
            outbox.to(from, new Message.SayHello(epoch));
        }
    }

    /** The queue may send what those may send together who are led. */
    private void takeOverParts() {
        Map<AccountId, Integer> parts = membership.parts();
        if (!parts.equals(inForce)) {
            inForce = parts;
            queue.parts(parts);
            serveEarly(clock.nanoTime());
        }
    }

    // Time and grants.

    /** Lets time pass, and grants what can be granted. */
    void at(long now) {
        List<Member> silent = membership.silent(now);
        if (!silent.isEmpty()) {
            silent.forEach(this::release);
            takeOverParts();
        }
        if (!begun && (membership.isComplete()
                || now - startedAt >= (membership.isNew() ? timing.first() : timing.joining()))) {
            begun = true;
            membership.begin(absentBefore, now);
            serveEarly(now);
        }
        if (now - saidAt >= timing.beat()) {
            say(now);
        }
        step(now);
    }

    private void serveEarly(long now) {
        if (mayServe()) {
            early.sort(Comparator.comparingLong(each -> each.number));
            early.forEach(each -> enqueue(each, each.request.after(Timing.millis(now - each.heardAt))));
            early.clear();
        }
    }

    /** The requests of this replica leave; what was granted counts as sent. */
    private void release(Member member) {
        for (Flight each : List.copyOf(member.calls.values())) {
            early.remove(each);
            if (each.slot != null) {
                each.slot.sent();
                each.slot.giveBack();
                queue.finished(Objects.requireNonNull(each.ticket));
            } else if (each.ticket != null) {
                queue.abandon(each.ticket);
            }
        }
        member.calls.clear();
        member.lost();
    }

    /** Tells everybody who leads, and again what may have been lost. */
    private void say(long now) {
        saidAt = now;
        outbox.toAll(membership.seen(epoch, home, name, now));
        membership.repeat();
        lostGrants(now);
    }

    /** A grant that nobody has confirmed can no longer be used: its request goes back to its place. */
    private void lostGrants(long now) {
        for (Member member : membership.all()) {
            for (Flight each : List.copyOf(member.calls.values())) {
                if (each.slot != null && !each.taken && now - each.grantedAt >= timing.lapse()) {
                    backToItsPlace(each, now);
                }
            }
        }
    }

    private void step(long now) {
        if (!begun) {
            wakeAt = now + timing.joining() / 50;
            return;
        }
        while (true) {
            switch (queue.next()) {
                case Next.Depart<Flight>(Departure<Flight> departure) -> departed(departure, now);
                case Next.WaitNanos<Flight>(long nanos) -> {
                    wakeAt = now + Math.min(nanos, timing.beat());
                    return;
                }
                case Next.Idle<Flight> _ -> {
                    wakeAt = NEVER;
                    return;
                }
            }
        }
    }

    private void departed(Departure<Flight> departure, long now) {
        Flight flight = departure.payload();
        switch (departure.verdict()) {
            case Verdict.Granted(var slot) -> {
                flight.slot = slot;
                flight.grantedAt = now;
                grant(flight, Objects.requireNonNull(departure.ticket().payer()), now);
            }
            case Verdict.Refused(Refusal refusal) -> refuse(flight, refusal);
            case Verdict.Abandoned _ -> {
                // it has left already
            }
        }
    }

    private void grant(Flight flight, Payer payer, long now) {
        AccountId account = AccountId.of(payer);
        Member receiver = flight.member;
        Member lender = membership.lender(receiver, account, now);
        lender.uses(account, outbox.numberOfNext(lender.home));
        long queued = (now - flight.heardAt) / MICRO;
        if (lender.equals(receiver)) {
            outbox.to(receiver.home, new Grant(flight.call(), payer.provider(), payer.account(), payer.key(), null,
                    null, receiver.beat(), queued));
        } else {
            loans++;
            outbox.to(lender.home, new Message.Lend(receiver.home, new Grant(flight.call(), payer.provider(),
                    payer.account(), payer.key(), lender.home, epoch + "/" + home + "/" + loans, receiver.beat(),
                    queued)));
        }
    }

    /** When {@link #at} has something to do. */
    long nextAt() {
        return Math.min(wakeAt, saidAt + timing.beat());
    }

    /** Answers nobody any more: another replica leads, or this one stops. */
    void resign() {
        membership.all().forEach(this::release);
        queue.close();
    }
}
