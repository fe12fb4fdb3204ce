package dev.sidecar.fleet;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fleet, as one replica takes part in it: its {@link Replica}, the thread {@code fleet} that runs it, and the {@link Link} to the
 * others.
 *
 * <p>
 * Thread-safe: whatever happens becomes a task of that thread.
 */
public final class Fleet<T> implements LinkListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);
    /** How often the leader tells all what it sees. */
    private static final long VIEW_EVERY = Duration.ofSeconds(1).toNanos();
    private final FleetLog log = new FleetLog(LOG);
    private final Home home;
    private final Link link;
    private final NanoClock clock;
    private final Supplier<Duration> roundTrip;
    private final FleetListener listener;
    private final GrantTimes grants;
    private final LatestView view = new LatestView();
    private final Replica<T> replica;
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Thread thread;
    private final CountDownLatch left = new CountDownLatch(1);
    private volatile FleetStatus status;
    private volatile boolean closed;
    private boolean leaving;
    private long viewAt;

    /**
     * @param queue of this replica
     * @param known of the division of the limits, from an earlier process
     * @param rules how this replica would lead
     * @param roundTrip how long a message takes through the link and back
     */
    public Fleet(Home home, Throttle<T> queue, Tables known, LeadersQueue rules, Link link,
            Supplier<Duration> roundTrip, FleetListener listener, NanoClock clock) {
        this.home = home;
        this.link = link;
        this.clock = clock;
        this.roundTrip = roundTrip;
        this.listener = listener;
        this.grants = new GrantTimes(listener::granted);
        this.viewAt = clock.nanoTime();
        this.replica = new Replica<>(home, queue, known, rules, new Post(), tasks::add, clock, Timing.USUAL);
        this.thread = Thread.ofPlatform().daemon().name("fleet").unstarted(this::run);
        this.status = new FleetStatus(FleetStatus.Mode.REJOINING, home.replica(), "", List.of(), 0, false, false);
    }

    private final class Post implements Replica.Mail {

        @Override
        public void send(String to, Envelope envelope, long epoch) {
            grants.sent(envelope.messages(), clock.nanoTime());
            if (epoch == 0) {
                link.send(to, Codec.bytes(envelope));
            } else {
                link.sendAsLeader(epoch, to, Codec.bytes(envelope));
            }
        }

        @Override
        public void sendToAll(Envelope envelope, long epoch) {
            if (epoch == 0) {
                link.sendToAll(Codec.bytes(envelope));
            } else {
                link.sendToAllAsLeader(epoch, Codec.bytes(envelope));
            }
        }

        @Override
        public void askForLease(long asking, long atLeast) {
            link.askForLease(asking, atLeast);
        }

        @Override
        public void giveBackLease(long epoch) {
            link.giveBackLease(epoch);
        }

        @Override
        public void keep(Tables tables, long epoch) {
            link.keep(epoch, Codec.bytes(tables));
        }
    }

    /** From now on nothing is sent before the others are found, or were looked for in vain. */
    public void start() {
        replica.start();
        thread.start();
        link.open(this);
    }

    public FleetStatus status() {
        return status;
    }

    /** Queue and budget of all, as the leader has seen them within the last seconds; nothing while this replica is not led. */
    public Optional<FleetView> view() {
        return status.mode() == FleetStatus.Mode.SHARED ? view.at(clock.nanoTime()) : Optional.empty();
    }

    /** Settings, providers or clients of this replica are others. */
    public void settingsChanged() {
        tasks.add(replica::settingsChanged);
    }

    @Override
    public void received(byte[] message) {
        Codec.envelope(message).ifPresent(envelope -> tasks.add(() -> heard(envelope)));
    }

    private void heard(Envelope envelope) {
        long now = clock.nanoTime();
        grants.heard(envelope.messages(), now);
        replica.received(envelope);
        if (envelope.from().equals(replica.follower().leader())) {
            envelope.messages().forEach(each -> {
                if (each instanceof Message.View(var seen)) {
                    view.heard(seen, now);
                }
            });
        }
    }

    /** The leader tells all what it sees, once a second. */
    private void tellView() {
        Leader leader = replica.leader();
        long now = clock.nanoTime();
        if (leader != null && now - viewAt >= VIEW_EVERY) {
            viewAt = now;
            Message.View seen = new Message.View(FleetView.of(leader.queue()).json());
            view.heard(seen.seen(), now);
            link.sendToAllAsLeader(leader.epoch(), Codec.bytes(new Envelope(Envelope.VERSION, home.id(),
                    home.process(), leader.epoch(), 0, List.of(seen))));
        }
    }

    @Override
    public void lease(long asking, String holder, long epoch, byte[] kept) {
        tasks.add(() -> replica.lease(asking, holder.equals(home.id()), epoch, Codec.tables(kept)));
    }

    @Override
    public void connected() {
        tasks.add(this::lookAgain);
    }

    @Override
    public void disconnected() {
        tasks.add(this::lookAgain);
    }

    private void lookAgain() {
        // the step that comes now does all that there is to do
    }

    private void run() {
        try {
            while (!closed) {
                step(tasks.poll(Math.max(0, replica.nextAt() - clock.nanoTime()), TimeUnit.NANOSECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void step(@Nullable Runnable task) {
        try {
            for (Runnable each = task; each != null; each = tasks.poll()) {
                each.run();
            }
            replica.at();
            tellView();
        } catch (RuntimeException e) {
            LOG.error("fleet_step_failed", e);
        }
        note();
        if (leaving && replica.hasLeft()) {
            left.countDown();
        }
    }

    private void note() {
        Follower<T> follower = replica.follower();
        FleetStatus.Mode mode = switch (follower.mode()) {
            case SHARED -> FleetStatus.Mode.SHARED;
            case ALONE -> FleetStatus.Mode.ALONE;
            case JOINING, REJOINING -> FleetStatus.Mode.REJOINING;
        };
        FleetStatus before = status;
        boolean led = mode == FleetStatus.Mode.SHARED;
        FleetStatus now = new FleetStatus(mode, home.replica(), led ? follower.leaderName() : "",
                led ? follower.replicas() : List.of(follower.figures()), roundTrip.get().toNanos() / 1e6,
                replica.leader() != null, mode == FleetStatus.Mode.ALONE && follower.parts().hasNone());
        status = now;
        if (before.mode() != now.mode() || before.leads() != now.leads()
                || led && !before.leader().equals(now.leader())) {
            log.changed(now, follower.parts().parts().values());
        }
        if (before.mode() != now.mode()) {
            listener.changed(now.mode());
        }
    }

    /**
     * This replica is about to stop: it gives back its place, its parts and the lease. Returns when that is done, or after the
     * time.
     */
    public void leave(Duration longest) throws InterruptedException {
        tasks.add(() -> {
            leaving = true;
            replica.leave();
        });
        if (!left.await(longest.toNanos(), TimeUnit.NANOSECONDS)) {
            LOG.warn("fleet_left_without_giving_back");
        }
    }

    @Override
    public void close() {
        CountDownLatch done = new CountDownLatch(1);
        tasks.add(() -> {
            long epoch = replica.stop();
            if (epoch > 0) {
                link.giveBackLease(epoch);
            }
            closed = true;
            done.countDown();
        });
        try {
            if (thread.isAlive()) {
                done.await(1, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        link.close();
    }
}
