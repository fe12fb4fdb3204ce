package dev.sidecar.fleet;

import dev.sidecar.fleet.Message.Grant;
import dev.sidecar.fleet.Message.Limit;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Delegate;
import dev.sidecar.throttle.order.Earlier;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.pool.AccountId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A replica as a member of its fleet, also the one that leads. While it is led, the leader decides which of its requests go; without
 * a leader it goes on alone with its part of each limit. The seats of its part are its own at all times: it alone says whether one is
 * free, and lends them.
 *
 * <p>
 * Not thread-safe: one thread calls it, and is the executor of what the throttle reports. All times in nanoseconds.
 */
final class Follower<T> implements Delegate<T> {

    /** How a replica stands to its fleet. */
    enum Mode {
        /** Started, and not yet led. */
        JOINING,
        /** Led. */
        SHARED,
        /** Without a leader: it sends its own part. */
        ALONE,
        /** There is a leader again; it has not said yet that it leads this replica. */
        REJOINING
    }

    private final Home home;
    private final Throttle<T> queue;
    private final OwnParts parts;
    private final OwnSeats seats;
    private final Loans loans;
    private final Grants<T> grants;
    private final Outbox outbox;
    private final Executor loop;
    private final NanoClock clock;
    private final Timing timing;
    private final Map<Call, Ticket<T>> waiting = new LinkedHashMap<>();
    /** The seats before each proposal since the latest settled table: an agreement may have to be said again. */
    private final Map<Version, List<Seats>> agreed = new HashMap<>();
    /** When homes were heard of last that the leader misses. */
    private final Map<String, Long> absent = new HashMap<>();
    private final Beats beats;
    private Mode mode = Mode.JOINING;
    private String leader = "";
    private String leaderName = "";
    private long epoch;
    private boolean led;
    private boolean leaving;
    private long heardAt;
    private long helloAt;
    private long beatAt;
    private long keptAt;
    /** The number of the leader's latest envelope. */
    private long leadersNumber;
    private List<ReplicaFigures> replicas = List.of();
    /** The providers to which requests may go, as the leader was told. */
    private List<String> inService = List.of();
    /** The limits as the settings of this replica said when they were looked at last. */
    private List<Limit> ownLimits;
    private Set<String> ownKeys;

    /** @param loop runs a task on the thread that calls this follower, after what it is doing */
    Follower(Home home, Throttle<T> queue, Tables known, Outbox outbox, Executor loop, NanoClock clock, Timing timing) {
        this.home = home;
        this.ownLimits = home.limits();
        this.ownKeys = home.keys();
        this.queue = queue;
        this.parts = new OwnParts(home.id(), known);
        this.seats = new OwnSeats(queue, parts, timing);
        this.loans = new Loans(queue, timing);
        this.beats = new Beats(2 * timing.lease());
        this.grants = new Grants<>(queue, waiting, beats, loans, outbox, this::tellLeader, loop, clock, timing);
        this.outbox = outbox;
        this.loop = loop;
        this.clock = clock;
        this.timing = timing;
        long now = clock.nanoTime();
        this.heardAt = now;
        this.helloAt = now - timing.joining();
        this.beatAt = now;
        this.keptAt = now;
    }

    /** From now on nothing is sent before the fleet is found, or was looked for in vain. */
    void start() {
        queue.parts(parts.parts());
        queue.delegateTo(this).forEach(each -> waiting.put(Call.of(each), each));
    }

    Mode mode() {
        return mode;
    }

    String leaderName() {
        return leaderName;
    }

    String leader() {
        return leader;
    }

    List<ReplicaFigures> replicas() {
        return replicas;
    }

    Map<String, Long> absent() {
        return absent;
    }

    OwnParts parts() {
        return parts;
    }

    // What the throttle reports, under its lock.

    @Override
    public void waits(Ticket<T> ticket) {
        loop.execute(() -> {
            waiting.put(Call.of(ticket), ticket);
            if (led) {
                tellLeader(new Message.Waits(request(ticket)));
            }
        });
    }

    @Override
    public void left(Ticket<T> ticket) {
        loop.execute(() -> {
            if (waiting.remove(Call.of(ticket)) != null && led) {
                tellLeader(new Message.Left(Call.of(ticket)));
            }
        });
    }

    @Override
    public void ended(Ticket<T> ticket, boolean workerCapReached) {
        report(new Message.Finished(Call.of(ticket), workerCapReached));
    }

    @Override
    public void keyRefusedFor(Ticket<T> ticket) {
        report(new Message.KeyRefusedFor(Call.of(ticket)));
    }

    @Override
    public void spent(Ticket<T> ticket, long tokens) {
        report(new Message.Spent(Call.of(ticket), tokens));
    }

    @Override
    public void keyAccepted(String key, boolean accepted) {
        report(new Message.KeyAccepted(key, accepted));
    }

    private void report(Message message) {
        loop.execute(() -> tellLeader(message));
    }

    private void tellLeader(Message message) {
        if (led) {
            outbox.to(leader, message);
        }
    }

    private Request request(Ticket<T> ticket) {
        long now = clock.nanoTime();
        Earlier earlier = ticket.earlier(0, now);
        return new Request(ticket.number(), ticket.tries(), ticket.priority(), ticket.client().name(),
                ticket.client().weight(), ticket.model(),
                Request.servedBy(ticket.serving(), ticket.model(), inService), ticket.serving().primaryOnly(),
                earlier.age().toMillis(), Timing.millis(ticket.deadlineNanos() - ticket.arrivalNanos()),
                earlier.notBefore().toMillis(), earlier.paidBefore(), earlier.refusedBy(), earlier.pausing(),
                earlier.pausedFor().toMillis(), Request.Tokens.of(ticket.tokens().estimate()));
    }

    // What the leader says.

    void leads(Message.Leads message, long now) {
        if (message.epoch() < epoch || message.epoch() == epoch && message.leader().compareTo(leader) < 0) {
            return;
        }
        if (message.epoch() != epoch || !message.leader().equals(leader)) {
            epoch = message.epoch();
            leader = message.leader();
            notLed();
            helloAt = now - timing.joining();
        }
        leaderName = message.name();
        replicas = message.replicas();
        absent.clear();
        message.absent().forEach((each, since) -> absent.put(each, now - Timing.nanos(since)));
        Long sentAt = beats.sentAt(message.beats().getOrDefault(home.id(), 0L));
        if (sentAt != null && sentAt - heardAt > 0) {
            heardAt = sentAt;
        }
        if (led && !message.led().contains(home.id())) {
            notLed();
        }
        if (leaving) {
            tellLeader(new Message.Leaves());
        }
        if (!led && sentAt != null && now - sentAt < timing.lease()) {
            sayHello(now);
        }
    }

    /** Messages of the leader were lost, or it has lost some of ours. */
    void sayHelloAgain(long now) {
        notLed();
        sayHello(now);
    }

    private void notLed() {
        led = false;
        grants.forgetPending();
    }

    private void sayHello(long now) {
        if (now - helloAt < timing.joining() / 3) {
            return;
        }
        helloAt = now;
        if (mode == Mode.ALONE) {
            mode = Mode.REJOINING;
            queue.delegateTo(this).forEach(each -> waiting.put(Call.of(each), each));
        }
        outbox.to(leader, new Message.Hello(epoch, home.replica(), parts.tables(), seats.all(), home.limits(),
                home.keys(), seats.tokens()));
    }

    /** @param number of its envelope */
    void welcome(Message.Welcome message, long number) {
        if (message.epoch() != epoch || led) {
            return;
        }
        led = true;
        leadersNumber = number;
        mode = Mode.SHARED;
        queue.withoutShare(false);
        inService = queue.inService();
        waitAgain();
    }

    private void waitAgain() {
        waiting.values().forEach(each -> outbox.to(leader, new Message.Waits(request(each))));
    }

    /** Requests may go to other providers than before. */
    private void lookAtCircuits() {
        List<String> now = queue.inService();
        if (led && !now.equals(inService)) {
            inService = now;
            waitAgain();
        }
    }

    /** Everything up to this envelope of the leader has been heard. */
    void heard(long number) {
        leadersNumber = Math.max(leadersNumber, number);
    }

    void grant(Grant grant, long now) {
        if (led) {
            grants.grant(grant, now);
        } else {
            grants.notTaken(grant);
        }
    }

    void lend(Message.Lend message, long now) {
        if (led) {
            grants.lend(message, now);
        }
    }

    void refused(Message.Refused message) {
        Ticket<T> ticket = waiting.remove(message.call());
        if (ticket != null) {
            queue.refuse(ticket, message.refusal());
        }
    }

    Loans loans() {
        return loans;
    }

    // The division of the limits.

    void propose(Message.Propose message, long now) {
        List<Seats> before = seats.all();
        if (!parts.agree(message.table(), message.basis())) {
            sayHelloAgain(now);
            return;
        }
        keep(now);
        queue.parts(parts.parts());
        List<Seats> first = agreed.computeIfAbsent(message.table().version(), _ -> before);
        if (seats.fitsInHand()) {
            outbox.to(leader, new Message.Agree(message.table().version(), first));
        }
    }

    void settle(Message.Settle message) {
        Table table = parts.settle(message.version());
        if (table == null) {
            return;
        }
        agreed.clear();
        keep(clock.nanoTime());
        message.gains().forEach(each -> queue.charge(each.account(), each.busy().stream().map(Timing::nanos).toList()));
        queue.parts(parts.parts());
        home.limitsAre(table.rows().stream().map(each -> new Limit(each.account(), each.limit())).toList());
    }

    // Time.

    /** Lets time pass. */
    void at(long now) {
        loans.at(now);
        if (led) {
            grants.at(now);
        }
        if (mode != Mode.ALONE && now - heardAt >= (mode == Mode.JOINING ? timing.first() : timing.lease())
                || mode == Mode.REJOINING && !led && now - helloAt >= timing.joining()) {
            goAlone();
        }
        if (now - beatAt >= 0) {
            lookAtCircuits();
            sayBeat(now);
            if (now - keptAt >= timing.keeping()) {
                keep(now);
            }
        }
    }

    private void keep(long now) {
        keptAt = now;
        home.keep(parts.tables());
    }

    private void goAlone() {
        mode = Mode.ALONE;
        notLed();
        waiting.clear();
        queue.decideAlone();
        queue.withoutShare(parts.hasNone());
    }

    private void sayBeat(long now) {
        beatAt = now + timing.beat();
        Message message = new Message.Beat(beats.next(now), leadersNumber, queue.size(), home.inFlight(),
                seats.free());
        if (now - heardAt < timing.lease() / 2 && !leader.isEmpty()) {
            outbox.to(leader, message);
        } else {
            outbox.toAll(message);
        }
    }

    /**
     * The settings of this replica are others. A limit that was changed here, and not by the fleet itself, is the fleet's from now
     * on. Of other accounts and keys the leader hears by a new hello.
     */
    void settingsChanged() {
        List<Limit> before = ownLimits;
        Set<String> keysBefore = ownKeys;
        ownLimits = home.limits();
        ownKeys = home.keys();
        if (!accounts(before).equals(accounts(ownLimits)) || !keysBefore.equals(ownKeys)) {
            sayHelloAgain(clock.nanoTime());
        }
        Table settled = parts.tables().settled();
        if (settled != null) {
            ownLimits.stream()
                    .filter(each -> !before.contains(each) && settled.limit(each.account()) != each.requests())
                    .forEach(each -> tellLeader(new Message.LimitChanged(each)));
        }
    }

    private static Set<AccountId> accounts(List<Limit> limits) {
        return limits.stream().map(Limit::account).collect(Collectors.toSet());
    }

    /** Its own state, for people. */
    ReplicaFigures figures() {
        return new ReplicaFigures(home.replica(), queue.size(), home.inFlight(),
                parts.parts().values().stream().mapToInt(each -> each).sum());
    }

    /** The replica is about to stop: nothing waits or is sent any more. */
    void leave() {
        leaving = true;
        tellLeader(new Message.Leaves());
    }

    /** Whether it may stop: it has given up its part, or there is nobody to give it to. */
    boolean hasLeft() {
        return leaving && (parts.areGivenUp() || mode == Mode.ALONE);
    }

    /** When {@link #at} has something to do. */
    long nextAt(long now) {
        long next = beatAt;
        if (grants.isPending()) {
            next = Math.min(next, now + timing.patience() / 500);
        }
        return next;
    }
}
