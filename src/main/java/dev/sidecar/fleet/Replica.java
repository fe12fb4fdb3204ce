package dev.sidecar.fleet;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a fleet: it follows, and leads while it holds the lease. It numbers what it says to each home, so that a lost message is
 * noticed; then the two say hello again, which tells the leader everything.
 *
 * <p>
 * Not thread-safe: one thread calls it. It knows no network: envelopes come and go by {@link Link}. All times in nanoseconds.
 */
final class Replica<T> {

    private final Home home;
    private final LeadersQueue rules;
    private final Mail mail;
    private final NanoClock clock;
    private final Timing timing;
    private final Follower<T> follower;
    private final Queue<Envelope> toSelf = new ArrayDeque<>();
    private final Map<String, List<Message>> outgoing = new LinkedHashMap<>();
    private final List<Message> outgoingToAll = new ArrayList<>();
    private final Map<String, Long> sentNumbers = new HashMap<>();
    private final Map<String, Long> heardNumbers = new HashMap<>();
    private final Map<String, Long> processes = new HashMap<>();
    private final Map<Long, Long> askings = new LinkedHashMap<>();
    private @Nullable Leader leader;
    private long leaseUntil;
    private long asking;
    private long askAt;
    private long leaderHeardAt;
    private long highestEpoch;
    /** Of the latest term in which this replica led. */
    private long ledEpoch;

    /** Where envelopes and requests for the lease go. */
    interface Mail {

        /** @param epoch of the own lease if the sender leads, otherwise 0 */
        void send(String home, Envelope envelope, long epoch);

        void sendToAll(Envelope envelope, long epoch);

        void askForLease(long asking, long atLeast);

        void giveBackLease(long epoch);

        /** Redis keeps them for a leader who knows nothing; before everything that is sent later. */
        void keep(Tables tables, long epoch);
    }

    /** @param loop runs a task on the thread that calls this replica, after what it is doing */
    Replica(Home home, Throttle<T> queue, Tables known, LeadersQueue rules, Mail mail, Executor loop, NanoClock clock,
            Timing timing) {
        this.home = home;
        this.rules = rules;
        this.mail = mail;
        this.clock = clock;
        this.timing = timing;
        this.follower = new Follower<>(home, queue, known, new Post(), loop, clock, timing);
        this.askAt = clock.nanoTime();
        this.leaderHeardAt = askAt - timing.lease();
    }

    void start() {
        follower.start();
        at();
    }

    Follower<T> follower() {
        return follower;
    }

    /** Null while another replica leads, or none. */
    @Nullable
    Leader leader() {
        return leader;
    }

    private final class Post implements Outbox {

        @Override
        public void to(String to, Message message) {
            outgoing.computeIfAbsent(to, _ -> new ArrayList<>()).add(message);
        }

        @Override
        public void toAll(Message message) {
            outgoingToAll.add(message);
        }

        @Override
        public long numberOfNext(String to) {
            return sentNumbers.getOrDefault(to, 0L) + 1;
        }
    }

    /** An envelope has come. */
    void received(Envelope envelope) {
        if (!envelope.from().equals(home.id())) { // what it sends to all comes back
            open(envelope);
            at();
        }
    }

    private void open(Envelope envelope) {
        long now = clock.nanoTime();
        String from = envelope.from();
        highestEpoch = Math.max(highestEpoch, envelope.epoch());
        if (leader != null && highestEpoch > leader.epoch()) {
            // Redis has lost its data: others know later leaders, and follow only one who is later still.
            mail.giveBackLease(leader.epoch());
            resign();
            askAt = now;
        }
        long number = envelope.number();
        if (number > 0) {
            if (!Objects.equals(processes.put(from, envelope.process()), envelope.process())) {
                heardNumbers.remove(from);
            }
            long expected = heardNumbers.getOrDefault(from, 0L) + 1;
            if (number < expected) {
                return; // it came twice, or late
            }
            heardNumbers.put(from, number);
            if (number > expected) {
                lost(from, now);
            }
        }
        for (Message each : envelope.messages()) {
            deliver(from, number, each, now);
        }
        if (from.equals(follower.leader())) {
            follower.heard(number);
        }
    }

    /** Messages of this home were lost. */
    private void lost(String from, long now) {
        if (leader != null) {
            leader.lost(from);
        }
        if (from.equals(follower.leader())) {
            follower.sayHelloAgain(now);
        }
    }

    private void deliver(String from, long number, Message message, long now) {
        switch (message) {
            case Message.Leads leads -> leads(leads, now);
            case Message.LoanSent loan -> follower.loans().sent(loan.loan(), now);
            case Message.LoanAnswered loan -> follower.loans().answered(loan.loan(), now);
            case Message.LoanBack loan -> follower.loans().back(loan.loan());
            case Message.Grant grant -> follower.grant(grant, now);
            case Message.Lend _,Message.Refused _,Message.Welcome _,Message.SayHello _,Message.Propose _,Message.Settle _ -> {
                if (from.equals(follower.leader())) {
                    led(number, message, now);
                }
            }
            default -> {
                if (leader != null) {
                    leading(leader, from, message, now);
                }
            }
        }
    }

    private void leads(Message.Leads message, long now) {
        if (message.epoch() == highestEpoch) {
            leaderHeardAt = now;
        }
        follower.leads(message, now);
    }

    private void led(long number, Message message, long now) {
        switch (message) {
            case Message.Lend lend -> follower.lend(lend, now);
            case Message.Refused refused -> follower.refused(refused);
            case Message.Welcome welcome -> follower.welcome(welcome, number);
            case Message.SayHello _ -> follower.sayHelloAgain(now);
            case Message.Propose propose -> follower.propose(propose, now);
            case Message.Settle settle -> follower.settle(settle);
            default -> throw new IllegalStateException("not from a leader: " + message);
        }
    }

    private static void leading(Leader leader, String from, Message message, long now) {
        switch (message) {
            case Message.Beat beat -> leader.beat(from, beat, now);
            case Message.Hello hello -> leader.hello(from, hello, now);
            case Message.LimitChanged changed -> leader.limitChanged(changed.limit());
            case Message.Leaves _ -> leader.leaves(from);
            case Message.Waits waits -> leader.waits(from, waits.request(), now);
            case Message.Left left -> leader.left(from, left.call());
            case Message.Taken taken -> leader.taken(from, taken.call());
            case Message.NotTaken not -> leader.notTaken(from, not, now);
            case Message.NotLent not -> leader.notLent(not, now);
            case Message.Sent sent -> leader.sent(from, sent.call());
            case Message.Ended ended -> leader.ended(from, ended);
            case Message.Finished finished -> leader.finished(from, finished);
            case Message.KeyRefusedFor refused -> leader.keyRefusedFor(from, refused.call());
            case Message.KeyAccepted accepted -> leader.keyAccepted(accepted.key(), accepted.accepted());
            case Message.Spent spent -> leader.spent(from, spent);
            case Message.Agree agree -> leader.agree(from, agree);
            default -> {
                // of a newer version
            }
        }
    }

    /**
     * The answer to {@link Mail#askForLease}.
     *
     * @param mine whether this replica holds it
     * @param kept what an earlier leader has kept in Redis
     */
    void lease(long answered, boolean mine, long epoch, Tables kept) {
        Long askedAt = askings.remove(answered);
        highestEpoch = Math.max(highestEpoch, epoch);
        if (askedAt == null) {
            return;
        }
        if (mine) {
            leaseUntil = askedAt + timing.lease();
            if (leader == null && epoch == ledEpoch) {
                highestEpoch = Math.max(highestEpoch, epoch + 1); // each term has an epoch of its own, so ask for another
            } else if (leader == null || leader.epoch() != epoch) {
                resign();
                ledEpoch = epoch;
                leader = new Leader(home, epoch, List.of(follower.parts().tables(), kept), follower.absent(),
                        rules, new Post(), tables -> mail.keep(tables, epoch), clock, timing);
            }
        } else {
            resign();
        }
        at();
    }

    /** Settings, providers or clients of this replica are others. */
    void settingsChanged() {
        follower.settingsChanged();
        if (leader != null) {
            leader.rulesChanged();
        }
    }

    private void resign() {
        if (leader != null) {
            leader.resign();
            leader = null;
        }
    }

    /** Lets time pass, and sends what is to be sent. */
    void at() {
        long now = clock.nanoTime();
        if (leader != null && now - leaseUntil >= 0) {
            resign();
        }
        if (now - askAt >= 0) {
            askAt = now + timing.beat();
            if (leader != null || now - leaderHeardAt >= 2 * timing.beat()) {
                asking++;
                askings.values().removeIf(each -> now - each > timing.lease());
                askings.put(asking, now);
                mail.askForLease(asking, highestEpoch);
            }
        }
        follower.at(now);
        boolean again;
        do {
            if (leader != null) {
                leader.at(now);
            }
            send();
            again = !toSelf.isEmpty(); // what it hears from itself may be a request that can go now
            for (Envelope each = toSelf.poll(); each != null; each = toSelf.poll()) {
                open(each);
            }
        } while (again || !outgoing.isEmpty() || !outgoingToAll.isEmpty());
    }

    private void send() {
        long epoch = leader == null ? 0 : leader.epoch();
        if (!outgoingToAll.isEmpty()) {
            Envelope envelope = new Envelope(Envelope.VERSION, home.id(), home.process(), highestEpoch, 0,
                    outgoingToAll);
            outgoingToAll.clear();
            toSelf.add(envelope);
            mail.sendToAll(envelope, epoch);
        }
        Map<String, List<Message>> now = new LinkedHashMap<>(outgoing);
        outgoing.clear();
        now.forEach((to, messages) -> {
            long number = sentNumbers.merge(to, 1L, Long::sum);
            Envelope envelope = new Envelope(Envelope.VERSION, home.id(), home.process(), highestEpoch, number,
                    messages);
            if (to.equals(home.id())) {
                toSelf.add(envelope);
            } else {
                mail.send(to, envelope, epoch);
            }
        });
    }

    /** The replica is about to stop: nothing waits or is sent any more. It may stop when {@link #hasLeft}. */
    void leave() {
        follower.leave();
        at();
    }

    /** Whether it has given up its part, or there is nobody to give it to. */
    boolean hasLeft() {
        return follower.hasLeft();
    }

    /** Leads no more; returns the epoch of the lease to be given back, 0 for none. */
    long stop() {
        long epoch = leader == null ? 0 : leader.epoch();
        resign();
        return epoch;
    }

    /** When {@link #at} has something to do. */
    long nextAt() {
        long now = clock.nanoTime();
        long next = Math.min(follower.nextAt(now), askAt);
        return leader == null ? next : Math.min(next, leader.nextAt());
    }
}
