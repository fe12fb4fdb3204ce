package dev.sidecar.fleet;

import dev.sidecar.fleet.Follower.Mode;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.BudgetUse;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.AccountId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A fleet in virtual time: replicas with their queues, a Redis that carries their messages, a provider that counts, and faults.
 * Everything follows from the seed.
 */
final class FleetSimulation {

    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000 * MILLI;
    static final AccountId ACCOUNT = new AccountId("only", "only");

    final Random random;
    final int limit;
    final List<Node> nodes = new ArrayList<>();
    final Provider provider = new Provider();
    final Redis redis = new Redis();
    /** Departures and refusals of requests that had one before. */
    int answeredTwice;
    long loans;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final boolean trace;
    private long now = 1_000 * SECOND;
    private long sequence;
    private int homes;

    private record Event(long at, long number, Runnable action) implements Comparable<Event> {

        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    FleetSimulation(long seed, int limit, boolean trace) {
        this.random = new Random(seed);
        this.limit = limit;
        this.trace = trace;
    }

    long now() {
        return now;
    }

    void after(long nanos, Runnable action) {
        sequence++;
        events.add(new Event(now + nanos, sequence, action));
    }

    void run(Duration time) {
        long end = now + time.toNanos();
        while (!events.isEmpty() && events.peek().at <= end) {
            Event next = events.poll();
            now = next.at;
            next.action.run();
        }
        now = end;
    }

    void log(String text) {
        if (trace) {
            System.out.printf("%10.3f %s%n", now / 1e9 - 1_000, text);
        }
    }

    long between(long least, long most) {
        return least + (long) (random.nextDouble() * (most - least));
    }

    /** Starts a replica; it keeps this many requests waiting, or sends as many a minute at random times. */
    Node start(int waiting, double perMinute) {
        Node node = new Node("r" + nodes.size(), waiting, perMinute);
        nodes.add(node);
        node.startProcess(null);
        return node;
    }

    /** Counts arrivals as strictly as can be. */
    final class Provider {

        private final Deque<Long> minute = new ArrayDeque<>();
        int arrivals;
        int violations;
        int most;
        final List<Long> all = new ArrayList<>();

        void arrives() {
            minute.addLast(now);
            while (now - minute.getFirst() >= BudgetRule.PERIOD) {
                minute.removeFirst();
            }
            arrivals++;
            all.add(now);
            most = Math.max(most, minute.size());
            if (minute.size() > limit) {
                violations++;
                log("VIOLATION: %d in 60 s".formatted(minute.size()));
            }
        }

        int between(long from, long to) {
            return (int) all.stream().filter(each -> each >= from && each < to).count();
        }
    }

    /** Carries messages and keeps the lease, by a clock of its own. */
    final class Redis {

        boolean up = true;
        boolean paused;
        double loss;
        double doubled;
        long slowest = 2 * MILLI;
        private final List<Runnable> held = new ArrayList<>();
        private String holder = "";
        private long heldEpoch;
        private long epoch;
        private long expires;
        private long clockOffset;
        private Tables kept = Tables.NONE;
        private Tables keptBefore = Tables.NONE;
        long commands;
        private final Map<String, Long> latest = new HashMap<>();

        private long clock() {
            return now + clockOffset;
        }

        void jump(long nanos) {
            clockOffset += nanos;
        }

        void restartEmpty() {
            holder = "";
            epoch = 0;
            kept = Tables.NONE;
            keptBefore = Tables.NONE;
            up = true;
        }

        void rollBack() {
            holder = "";
            epoch = Math.max(0, epoch - 1);
            kept = keptBefore;
        }

        void resume() {
            paused = false;
            List<Runnable> all = List.copyOf(held);
            held.clear();
            all.forEach(Runnable::run);
        }

        private void command(Runnable effect) {
            commands++;
            if (paused) {
                held.add(effect);
            } else if (up) {
                effect.run();
            }
        }

        void send(Node from, Node to, Envelope envelope, long fence) {
            if (from.cutOut || !up) {
                return;
            }
            String self = from.self();
            Runnable effect = () -> {
                if (fence > 0 && !(holder.equals(self) && heldEpoch == fence && clock() < expires)) {
                    return;
                }
                if (random.nextDouble() < loss) {
                    return;
                }
                deliver(from, to, envelope);
                if (random.nextDouble() < doubled) {
                    deliver(from, to, envelope);
                }
            };
            long at = Math.max(now + between(MILLI / 10, slowest / 2), from.latestOut);
            from.latestOut = at;
            after(at - now, () -> command(effect));
        }

        private void deliver(Node from, Node to, Envelope envelope) {
            String way = from.home + ">" + to.home;
            long at = Math.max(now + between(MILLI / 10, slowest / 2), latest.getOrDefault(way, 0L));
            latest.put(way, at);
            String receiver = to.home;
            after(at - now, () -> to.whenAwake(() -> {
                if (!to.cutIn && to.alive && to.home.equals(receiver)) {
                    to.replica.received(envelope);
                }
            }));
        }

        void keep(Node from, Tables tables, long fence) {
            if (from.cutOut || !up) {
                return;
            }
            String self = from.self();
            long at = Math.max(now + MILLI / 10, from.latestOut);
            from.latestOut = at;
            after(at - now, () -> command(() -> {
                if (holder.equals(self) && heldEpoch == fence && clock() < expires) {
                    keptBefore = kept;
                    kept = tables;
                }
            }));
        }

        void giveBackLease(Node from, long given) {
            String self = from.self();
            long at = Math.max(now + MILLI / 10, from.latestOut);
            from.latestOut = at;
            after(at - now, () -> command(() -> {
                if (holder.equals(self) && heldEpoch == given) {
                    holder = "";
                }
            }));
        }

        void askForLease(Node from, long asking, long atLeast) {
            if (from.cutOut || !up) {
                return;
            }
            String home = from.home;
            String self = from.self();
            after(between(MILLI / 10, slowest), () -> command(() -> {
                boolean old = holder.equals(self) && heldEpoch < atLeast;
                if (holder.isEmpty() || clock() >= expires || old) {
                    epoch = Math.max(epoch, atLeast) + 1;
                    holder = self;
                    heldEpoch = epoch;
                    log("%s has the lease, epoch %d".formatted(home, epoch));
                }
                if (holder.equals(self)) {
                    expires = clock() + Timing.USUAL.lease();
                }
                boolean mine = holder.equals(self);
                Tables atRedis = kept;
                long heldBy = heldEpoch;
                after(between(MILLI / 10, slowest), () -> from.whenAwake(() -> {
                    if (!from.cutIn && from.alive && from.home.equals(home)) {
                        from.replica.lease(asking, mine, heldBy, atRedis);
                    }
                }));
            }));
        }
    }

    /** A replica's process, its state folder, and its clients. */
    final class Node implements Replica.Mail, Home {

        final String name;
        int keepWaiting;
        double perMinute;
        boolean alive;
        boolean cutIn;
        boolean cutOut;
        boolean hasFolder = true;
        String home = "";
        @SuppressWarnings("NullAway.Init") // made by the first process
        Throttle<Integer> queue;
        @SuppressWarnings("NullAway.Init")
        Replica<Integer> replica;
        long slowestSend = 20 * MILLI;
        private Tables folder = Tables.NONE;
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final List<Runnable> whileStalled = new ArrayList<>();
        private boolean stalled;
        private int process;
        private int requests;
        private final Map<Integer, Integer> answers = new TreeMap<>();
        private long wakeAt;
        int granted;
        int refused;
        int lapsed;
        long longestWaitMillis;
        private int inFlight;
        private long latestOut;
        private long killedAt;
        private @Nullable BudgetUse usedAtKill;

        Node(String name, int keepWaiting, double perMinute) {
            this.name = name;
            this.keepWaiting = keepWaiting;
            this.perMinute = perMinute;
        }

        /** @param use what the process before has sent, by its state folder */
        void startProcess(@Nullable List<Long> use) {
            process++;
            alive = true;
            stalled = false;
            inFlight = 0;
            tasks.clear();
            whileStalled.clear();
            if (!hasFolder || home.isEmpty()) {
                homes++;
                home = name + "#" + homes;
                folder = Tables.NONE;
            }
            NanoClock clock = () -> now;
            queue = new Throttle<>(settings(), List.of(LaneSettings.of(settings().budget())), clock);
            replica = new Replica<>(this, queue, folder, new Rules(), this, tasks::add, clock, Timing.USUAL);
            if (use != null) {
                queue.charge(ACCOUNT, use);
            }
            replica.start();
            log("%s starts as %s".formatted(name, home));
            int mine = process;
            after(0, () -> fill(mine));
            pump();
        }

        /** This process of its home. */
        String self() {
            return home + "/" + process;
        }

        void cut(boolean in, boolean out) {
            cutIn = in;
            cutOut = out;
        }

        void kill() {
            log("%s is killed".formatted(name));
            alive = false;
            killedAt = now;
            usedAtKill = queue.use(ACCOUNT);
        }

        /** Again after a kill; with its folder it knows what it has sent. */
        void startAgain() {
            keepWaiting = Math.abs(keepWaiting);
            perMinute = Math.abs(perMinute);
            List<Long> rests = new ArrayList<>();
            if (hasFolder && usedAtKill != null) {
                usedAtKill.busy().stream().map(rest -> rest - (now - killedAt)).filter(rest -> rest > 0)
                        .forEach(rests::add);
                for (int i = 0; i < usedAtKill.inHand(); i++) {
                    rests.add(BudgetRule.SPAN + Timing.USUAL.lapse());
                }
            }
            usedAtKill = null;
            startProcess(rests);
        }

        /** It stops as SIGTERM tells it to. */
        void leave() {
            log("%s leaves".formatted(name));
            keepWaiting = -keepWaiting;
            perMinute = -perMinute;
            queue.refuseWaiting(Refusal.circuitOpen(Duration.ofSeconds(1)));
            int mine = process;
            after(6 * SECOND, () -> whenAwake(() -> leaveNow(mine, 20)));
        }

        private void leaveNow(int mine, int rounds) {
            if (mine != process) {
                return;
            }
            if (rounds == 20) {
                replica.leave();
            }
            if (replica.hasLeft() || rounds == 0) {
                log("%s has left: %s".formatted(name, replica.hasLeft()));
                long epoch = replica.stop();
                redis.giveBackLease(this, epoch);
                boolean gaveUp = replica.follower().parts().hasNone();
                kill();
                if (gaveUp) {
                    home = "";
                    usedAtKill = null;
                }
            } else {
                pump();
                after(SECOND / 10, () -> whenAwake(() -> leaveNow(mine, rounds - 1)));
            }
        }

        void stall(long nanos) {
            if (stalled || !alive) {
                return;
            }
            log("%s stalls for %.1f s".formatted(name, nanos / 1e9));
            stalled = true;
            int mine = process;
            after(nanos, () -> {
                if (mine == process && alive) {
                    stalled = false;
                    log("%s goes on".formatted(name));
                    List<Runnable> all = List.copyOf(whileStalled);
                    whileStalled.clear();
                    all.forEach(this::whenAwake);
                }
            });
        }

        void whenAwake(Runnable action) {
            if (stalled) {
                whileStalled.add(action);
            } else if (alive) {
                action.run();
                pump();
            }
        }

        private ThrottleSettings settings() {
            return new ThrottleSettings(limit, limit, Pacing.WINDOW, 1_000, Duration.ofMinutes(30),
                    Duration.ofMinutes(30), false);
        }

        private void fill(int mine) {
            if (mine != process || !alive) {
                return;
            }
            whenAwake(() -> {
                while (queue.size() < keepWaiting && arrives()) {
                    // until enough wait
                }
                if (perMinute > 0) {
                    arrives();
                }
            });
            long next = perMinute > 0
                    ? (long) (-Math.log(1 - random.nextDouble()) / perMinute * 60 * SECOND)
                    : SECOND / 5;
            after(Math.max(MILLI, next), () -> fill(mine));
        }

        private boolean arrives() {
            int id = requests++;
            Priority priority = List.of(Priority.values()).get(random.nextInt(3));
            ClientPolicy client = new ClientPolicy("c" + random.nextInt(4), 1);
            if (queue.admit(priority, null, "m", client) instanceof Admission.Queued<Integer> queued) {
                queue.enqueue(queued.ticket(), id);
                return true;
            }
            answer(id);
            refused++;
            return false;
        }

        private void answer(int id) {
            if (answers.merge(id + 1_000_000 * process, 1, Integer::sum) > 1) {
                answeredTwice++;
            }
            answers.keySet().removeIf(each -> each < id - 5_000);
        }

        void pump() {
            if (!alive || stalled) {
                return;
            }
            do {
                for (Runnable each = tasks.poll(); each != null; each = tasks.poll()) {
                    each.run();
                }
                replica.at();
                drain();
            } while (!tasks.isEmpty());
            wake(replica.nextAt());
        }

        private void drain() {
            while (true) {
                switch (queue.next()) {
                    case Next.Depart<Integer>(Departure<Integer> departure) -> departs(departure);
                    case Next.WaitNanos<Integer>(long nanos) -> {
                        wake(now + nanos);
                        return;
                    }
                    case Next.Idle<Integer> _ -> {
                        return;
                    }
                }
            }
        }

        private void wake(long at) {
            if (wakeAt > now && wakeAt <= at) {
                return;
            }
            wakeAt = Math.max(at, now + MILLI / 20);
            int mine = process;
            long planned = wakeAt;
            after(wakeAt - now, () -> {
                if (mine == process && wakeAt == planned) {
                    whenAwake(() -> {
                    });
                }
            });
        }

        private void departs(Departure<Integer> departure) {
            if (!(departure.verdict() instanceof Verdict.Granted(Slot slot))) {
                answer(departure.payload());
                refused++;
                return;
            }
            longestWaitMillis = Math.max(longestWaitMillis, departure.waited().toMillis());
            int mine = process;
            after(between(0, slowestSend), () -> sends(mine, departure.ticket(), departure.payload(), slot));
        }

        private void sends(int mine, Ticket<Integer> ticket, int id, Slot slot) {
            if (mine == process) {
                whenAwake(() -> sendNow(mine, ticket, id, slot));
            }
        }

        private void sendNow(int mine, Ticket<Integer> ticket, int id, Slot slot) {
            if (!slot.mayBeSent()) {
                lapsed++;
                slot.giveBack();
                if (queue.retry(ticket, Duration.ZERO) instanceof Admission.Queued<Integer> again) {
                    queue.enqueue(again.ticket(), id);
                } else {
                    answer(id);
                }
                return;
            }
            slot.writing();
            long way = between(MILLI, 300 * MILLI);
            after(way, provider::arrives);
            if (slot instanceof BorrowedSlot) {
                loans++;
            }
            slot.sent();
            inFlight++;
            granted++;
            answer(id);
            after(way + between(100 * MILLI, 5 * SECOND), () -> {
                if (mine == process) {
                    whenAwake(() -> {
                        inFlight--;
                        slot.succeeded();
                        queue.finished(ticket);
                    });
                }
            });
        }

        Mode mode() {
            return replica.follower().mode();
        }

        // The way out.

        @Override
        public void send(String to, Envelope envelope, long epoch) {
            nodes.stream().filter(each -> each.home.equals(to))
                    .forEach(each -> redis.send(this, each, envelope, epoch));
        }

        @Override
        public void sendToAll(Envelope envelope, long epoch) {
            nodes.stream().filter(each -> each != this).forEach(each -> redis.send(this, each, envelope, epoch));
        }

        @Override
        public void askForLease(long asking, long atLeast) {
            redis.askForLease(this, asking, atLeast);
        }

        @Override
        public void keep(Tables tables, long epoch) {
            redis.keep(this, tables, epoch);
        }

        @Override
        public void giveBackLease(long epoch) {
            redis.giveBackLease(this, epoch);
        }

        // What it brings.

        @Override
        public String id() {
            return home;
        }

        @Override
        public long process() {
            return process;
        }

        @Override
        public String replica() {
            return name;
        }

        @Override
        public List<Message.Limit> limits() {
            return List.of(new Message.Limit(ACCOUNT, limit));
        }

        @Override
        public Set<String> keys() {
            return Set.of("only");
        }

        @Override
        public int inFlight() {
            return inFlight;
        }

        @Override
        public void limitsAre(List<Message.Limit> limits) {
            // they never change here
        }

        @Override
        public void keep(Tables tables) {
            folder = tables;
        }

        final class Rules implements LeadersQueue {

            private final long tokens;

            Rules() {
                this(0);
            }

            /** @param tokens in any 60 s; 0 for any number */
            Rules(long tokens) {
                this.tokens = tokens;
            }

            @Override
            public Throttle<Flight> newQueue(NanoClock clock) {
                return new Throttle<>(settings(),
                        List.of(LaneSettings.of(settings().budget().withTokens(tokens))), clock);
            }

            @Override
            public void applyTo(Throttle<Flight> queue) {
                // they never change here
            }

            @Override
            public List<AccountId> accounts() {
                return List.of(ACCOUNT);
            }

            @Override
            public Set<String> keys() {
                return Set.of("only");
            }
        }

        int part() {
            BudgetUse use = queue.use(ACCOUNT);
            return use == null ? 0 : use.part();
        }
    }
}
