package dev.sidecar.fleet;

import dev.sidecar.fleet.Message.Free;
import dev.sidecar.fleet.Message.Grant;
import dev.sidecar.fleet.Message.Limit;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetUse;
import dev.sidecar.throttle.order.Delegate;
import dev.sidecar.throttle.order.Earlier;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.Payer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
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

    private static final long SOON = 1_000_000_000L;

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
    private final Loans loans;
    private final Outbox outbox;
    private final Executor loop;
    private final NanoClock clock;
    private final Timing timing;
    private final Map<Call, Ticket<T>> waiting = new LinkedHashMap<>();
    /** The loans that were used, and until when they may be offered again by mistake. */
    private final Map<String, Long> used = new LinkedHashMap<>();
    private final List<Pending> pending = new ArrayList<>();
    /** The seats before each proposal since the latest settled table: an agreement may have to be said again. */
    private final Map<Version, List<Seats>> agreed = new HashMap<>();
    /** When homes were heard of last that the leader misses. */
    private final Map<String, Long> absent = new HashMap<>();
    /** When each of the latest beats was sent. */
    private final Map<Long, Long> beats = new LinkedHashMap<>();
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
    private long beat;
    /** The number of the leader's latest envelope. */
    private long leadersNumber;
    private List<ReplicaFigures> replicas = List.of();
    /** The providers to which requests may go, as the leader was told. */
    private List<String> inService = List.of();
    /** The limits as the settings of this replica said when they were looked at last. */
    private List<Limit> ownLimits;

    /** A grant or a loan that waits for a seat. */
    private record Pending(Grant grant, @Nullable String to, long until) {
    }

    /** @param loop runs a task on the thread that calls this follower, after what it is doing */
    Follower(Home home, Throttle<T> queue, Tables known, Outbox outbox, Executor loop, NanoClock clock, Timing timing) {
        this.home = home;
        this.ownLimits = home.limits();
        this.queue = queue;
        this.parts = new OwnParts(home.id(), known);
        this.loans = new Loans(queue, timing);
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

    long epoch() {
        return epoch;
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

    /** How long ago the latest beat was sent that the leader has heard. */
    long silence(long now) {
        return now - heardAt;
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
                earlier.pausedFor().toMillis());
    }

    // What the leader says.

    void leads(Message.Leads message, long now) {
        if (message.epoch() < epoch || message.epoch() == epoch && message.leader().compareTo(leader) < 0) {
            return;
        }
        if (message.epoch() != epoch || !message.leader().equals(leader)) {
            epoch = message.epoch();
            leader = message.leader();
            led = false;
            helloAt = now - timing.joining();
            pending.clear(); // of the leader before, who will not hear of them
        }
        leaderName = message.name();
        replicas = message.replicas();
        absent.clear();
        message.absent().forEach((each, since) -> absent.put(each, now - Timing.nanos(since)));
        Long sentAt = beats.get(message.beats().getOrDefault(home.id(), 0L));
        if (sentAt != null && sentAt - heardAt > 0) {
            heardAt = sentAt;
        }
        if (led && !message.led().contains(home.id())) {
            led = false;
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
        led = false;
        sayHello(now);
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
        outbox.to(leader, new Message.Hello(epoch, home.replica(), parts.tables(), seats(), home.limits(),
                home.keys()));
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
        if (!tryGrant(grant, now)) {
            pending.add(new Pending(grant, null, now + timing.patience()));
        }
    }

    /** Whether the grant was used, or is of no use. */
    private boolean tryGrant(Grant grant, long now) {
        Ticket<T> ticket = waiting.get(grant.call());
        Long sentAt = beats.get(grant.beat());
        if (!led || ticket == null || grant.loan() != null && (sentAt == null || now - sentAt >= timing.lease())) {
            notTaken(grant);
            return true;
        }
        Payer payer = new Payer(grant.provider(), grant.account(), grant.key());
        String lender = grant.lender();
        String loan = grant.loan();
        boolean granted;
        if (lender == null || loan == null || sentAt == null) {
            granted = queue.grant(ticket, payer, own -> new SharedSlot(grant.call(), own, this::report));
        } else {
            granted = queue.grantBorrowed(ticket, payer, new BorrowedSlot(grant.call(), loan, sentAt + timing.lease(),
                    clock, this::report, message -> loop.execute(() -> outbox.to(lender, message))));
            if (!granted) {
                notTaken(grant);
                return true;
            }
            used.put(loan, now + 2 * timing.lapse());
        }
        if (granted) {
            waiting.remove(grant.call());
            tellLeader(new Message.Taken(grant.call()));
        }
        return granted;
    }

    private void notTaken(Grant grant) {
        tellLeader(new Message.NotTaken(grant.call()));
        if (grant.lender() != null && grant.loan() != null && !used.containsKey(grant.loan())) {
            outbox.to(grant.lender(), new Message.LoanBack(grant.loan()));
        }
    }

    void lend(Message.Lend message, long now) {
        if (!led) {
            return;
        }
        if (!tryLend(message.grant(), message.to(), now)) {
            pending.add(new Pending(message.grant(), message.to(), now + timing.patience()));
        }
    }

    private boolean tryLend(Grant grant, String to, long now) {
        String loan = grant.loan();
        if (loan == null || loans.isKnown(loan)) {
            return true;
        }
        boolean lent = loans.lend(loan, new AccountId(grant.provider(), grant.account()), now);
        if (lent) {
            outbox.to(to, grant);
        }
        return lent;
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
        List<Seats> before = seats();
        if (!parts.agree(message.table(), message.basis())) {
            sayHelloAgain(now);
            return;
        }
        keep(now);
        queue.parts(parts.parts());
        List<Seats> first = agreed.computeIfAbsent(message.table().version(), _ -> before);
        // What is in hand stays here, so it must fit into what is left.
        boolean fits = parts.parts().entrySet().stream().allMatch(each -> {
            BudgetUse use = queue.use(each.getKey());
            return use == null || use.inHand() <= each.getValue();
        });
        if (fits) {
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

    /** Its seats, with what is in hand as busy for the longest time. */
    List<Seats> seats() {
        List<Seats> all = new ArrayList<>();
        parts.parts().forEach((account, part) -> {
            BudgetUse use = queue.use(account);
            List<Long> busy = new ArrayList<>();
            if (use != null) {
                use.busy().forEach(each -> busy.add(Timing.millis(each)));
                for (int i = 0; i < use.inHand(); i++) {
                    busy.add(timing.spanMillis());
                }
            }
            all.add(new Seats(account, part, busy));
        });
        return all;
    }

    private List<Free> free() {
        List<Free> all = new ArrayList<>();
        parts.parts().forEach((account, part) -> {
            BudgetUse use = queue.use(account);
            if (use != null) {
                int over = Math.max(0, use.inHand() + use.busy().size() - part);
                all.add(new Free(account, use.free(), use.busy().stream().skip(over).filter(each -> each <= SOON)
                        .map(Timing::millis).toList()));
            }
        });
        return all;
    }

    // Time.

    /** Lets time pass. */
    void at(long now) {
        loans.at(now);
        retryPending(now);
        used.values().removeIf(until -> now - until >= 0);
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

    private void retryPending(long now) {
        for (Iterator<Pending> each = pending.iterator(); each.hasNext();) {
            Pending next = each.next();
            boolean done = next.to == null ? tryGrant(next.grant, now) : !led || tryLend(next.grant, next.to, now);
            if (!done && now - next.until >= 0) {
                if (next.to == null) {
                    notTaken(next.grant);
                } else {
                    tellLeader(new Message.NotLent(next.to, next.grant.call()));
                }
                done = true;
            }
            if (done) {
                each.remove();
            }
        }
    }

    private void goAlone() {
        mode = Mode.ALONE;
        led = false;
        pending.clear();
        waiting.clear();
        queue.decideAlone();
        queue.withoutShare(parts.hasNone());
    }

    private void sayBeat(long now) {
        beat++;
        beatAt = now + timing.beat();
        beats.put(beat, now);
        beats.values().removeIf(each -> now - each > 2 * timing.lease());
        Message message = new Message.Beat(beat, leadersNumber, queue.size(), home.inFlight(), free());
        if (now - heardAt < timing.lease() / 2 && !leader.isEmpty()) {
            outbox.to(leader, message);
        } else {
            outbox.toAll(message);
        }
    }

    /**
     * The settings of this replica are others. A limit that was changed here, and not by the fleet itself, is the fleet's from now
     * on.
     */
    void settingsChanged() {
        List<Limit> before = ownLimits;
        ownLimits = home.limits();
        Table settled = parts.tables().settled();
        if (settled != null) {
            ownLimits.stream()
                    .filter(each -> !before.contains(each) && settled.limit(each.account()) != each.requests())
                    .forEach(each -> tellLeader(new Message.LimitChanged(each)));
        }
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
        if (!pending.isEmpty()) {
            next = Math.min(next, now + timing.patience() / 500);
        }
        return next;
    }
}
