package dev.sidecar.bench;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How much memory the sidecar takes while streams run, requests wait in line and dashboards watch, all at once, inside
 * the limit that a service has. Then the limit is raised, those who waited are answered, and all leave.
 *
 * <p>The budget is as large as the number of streams, so that for a minute nothing else gets through.
 */
final class Crowd {

    private static final String IDLE = "idle";
    private static final String ARRIVING = "arriving";
    private static final String ALL = "all there";
    private static final String ANSWERING = "answering";
    private static final String LEFT = "left";

    private static final Duration SETTLE = Duration.ofSeconds(10);
    private static final int VIEWERS_PER_SECOND = 250;
    private static final int STREAMS_PER_SECOND = 250;
    private static final int WAITING_PER_SECOND = 500;
    private static final int ANSWERS_PER_MINUTE = 30_000;

    private final CrowdSize size;
    private final Faults faults;
    private final MockProvider provider;
    private final byte[] body;

    private Crowd(CrowdSize size, Faults faults, MockProvider provider, byte[] body) {
        this.size = size;
        this.faults = faults;
        this.provider = provider;
        this.body = body;
    }

    static Findings measure(Settings settings, Cores cores, Disturbance disturbance, Faults faults)
            throws IOException, InterruptedException {
        CrowdSize size = settings.crowd();
        byte[] body = Chat.talk(size.bodyBytes());
        try (MockProvider provider = new MockProvider(faults, List.of(body));
                MemoryGroup group = MemoryGroup.create((long) size.limitMebibytes() << 20);
                ProxyProcess proxy = SidecarCommand.forCrowd(settings, cores, group, provider.port()).start()) {
            return new Crowd(size, faults, provider, body).measure(proxy, group, cores, disturbance);
        }
    }

    private Findings measure(ProxyProcess proxy, MemoryGroup group, Cores cores, Disturbance disturbance)
            throws IOException, InterruptedException {
        try (StatusClient sidecar = new StatusClient(proxy.port());
                MemorySampler memory = new MemorySampler(IDLE, proxy::memory)) {
            Thread.sleep(SETTLE);
            Memory idle = proxy.memory();
            double cpuBefore = proxy.cpuSeconds();
            double othersBefore = cores.othersSeconds(proxy);
            long start = System.nanoTime();
            Samples chunkDelays = attend(proxy, sidecar, memory);
            double cpu = proxy.cpuSeconds() - cpuBefore;
            memory.phase(LEFT);
            long leftAt = System.nanoTime();
            disturbance.add((cores.othersSeconds(proxy) - othersBefore) / ((leftAt - start) / 1e9));
            double emptySeconds = untilEmpty(proxy, sidecar);
            Thread.sleep(SETTLE);
            Memory after = proxy.memory();
            if (group.killed() > 0) {
                faults.add("the kernel killed " + group.killed() + " processes for the memory limit");
            }
            Memory allThere = memory.largestIn(ALL);
            return new Findings(
                    "crowd: %d streams, %d waiting requests of %d bytes, %d viewers".formatted(size.streams(),
                            size.waiting(), size.bodyBytes(), size.viewers()),
                    List.of("memory " + group.described(), "the proxy may use the cores " + cores.allowed()),
                    List.of(new Finding("resident_mb_idle", "resident, idle                MB", idle.resident(),
                            Goal.below(200, "MB")),
                            Finding.of("anonymous_mb_idle", "  not backed by files         MB", idle.anonymous()),
                            new Finding("resident_mb_peak", "resident at its peak          MB", memory.peak(),
                                    Goal.below(400, "MB")),
                            Finding.of("resident_mb_arriving", "  while they came             MB",
                                    memory.largestIn(ARRIVING).resident()),
                            Finding.of("resident_mb_all_there", "  while all were there        MB",
                                    allThere.resident()),
                            Finding.of("anonymous_mb_all_there", "    not backed by files       MB",
                                    allThere.anonymous()),
                            Finding.of("resident_mb_answering", "  while the line drained      MB",
                                    memory.largestIn(ANSWERING).resident()),
                            Finding.of("resident_mb_after", "resident when all had left    MB", after.resident()),
                            Finding.of("group_mb_peak", "charged to the group, peak    MB", group.peakMegabytes()),
                            Finding.of("times_at_limit", "times at the group's limit", group.timesAtLimit()),
                            Finding.of("cpu_seconds", "CPU, until all were answered  s", cpu),
                            Finding.of("chunk_delay_ms_p99", "delay per chunk p99           ms",
                                    chunkDelays.millisAt(0.99)),
                            Finding.of("seconds_until_empty", "until nobody waited or ran    s", emptySeconds)),
                    memory.samples());
        }
    }

    /** How long it takes until nobody waits or runs any more; NaN if somebody still does, which is a fault. */
    private double untilEmpty(ProxyProcess proxy, StatusClient sidecar) throws InterruptedException {
        long start = System.nanoTime();
        try {
            new Waiter(proxy, null).until("nobody waits or runs any more", () -> sidecar.state().isIdle());
            return (System.nanoTime() - start) / 1e9;
        } catch (IOException e) {
            faults.add("crowd: " + e.getMessage());
            return Double.NaN;
        }
    }

    /** All come, stay, are answered and leave; what is returned is the delay of each chunk. */
    private Samples attend(ProxyProcess proxy, StatusClient sidecar, MemorySampler memory)
            throws IOException, InterruptedException {
        try (CrowdLoad load = new CrowdLoad(proxy.port(), body, faults);
                ExecutorService runner = Executors.newSingleThreadExecutor()) {
            Waiter waiter = new Waiter(proxy, runner.submit(() -> {
                load.run(TimeUnit.HOURS.toNanos(1));
                return null;
            }));
            try {
                meet(load, sidecar, memory, waiter);
            } catch (IOException e) {
                // What memory it took is worth knowing all the more.
                faults.add("crowd: " + e.getMessage());
            }
            if (load.chunkDelays().count() != provider.longStreamChunks()) {
                faults.add("the provider sent " + provider.longStreamChunks() + " chunks, the clients got "
                        + load.chunkDelays().count());
            }
            return load.chunkDelays();
        }
    }

    private void meet(CrowdLoad load, StatusClient sidecar, MemorySampler memory, Waiter waiter)
            throws IOException, InterruptedException {
        try {
            memory.phase(ARRIVING);
            arrive(load, sidecar, waiter);
            memory.phase(ALL);
            hold(load, sidecar);
            memory.phase(ANSWERING);
            answer(load, sidecar, waiter);
        } finally {
            load.leave();
            waiter.end();
        }
    }

    private void arrive(CrowdLoad load, StatusClient sidecar, Waiter waiter) throws IOException, InterruptedException {
        load.open(CrowdLoad.Kind.VIEWER, size.viewers(), VIEWERS_PER_SECOND);
        waiter.until("every viewer has had an event",
                () -> load.viewerEvents().size() == size.viewers() && Collections.min(load.viewerEvents()) > 0);
        load.open(CrowdLoad.Kind.STREAM, size.streams(), STREAMS_PER_SECOND);
        waiter.until("all streams run", () -> provider.longStreams() == size.streams()
                && sidecar.state().streams() == size.streams());
        // What was sent to see whether the proxy is up leaves the window before the streams do: that slot goes.
        sidecar.rate(size.streams());
        load.open(CrowdLoad.Kind.WAITING, size.waiting(), WAITING_PER_SECOND);
        waiter.until("all others wait", () -> sidecar.state().waiting() == size.waiting());
    }

    /** All of them are there from the beginning of this to its end, and nobody is forgotten meanwhile. */
    private void hold(CrowdLoad load, StatusClient sidecar) throws IOException, InterruptedException {
        List<Integer> eventsBefore = load.viewerEvents();
        long chunksBefore = provider.longStreamChunks();
        Thread.sleep(Duration.ofSeconds(size.holdSeconds()));
        StatusClient.State state = sidecar.state();
        if (state.waiting() != size.waiting() || state.streams() != size.streams()) {
            faults.add("at the end of the hold there were " + state);
        }
        List<Integer> events = load.viewerEvents();
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < events.size(); i++) {
            fewest = Math.min(fewest, events.get(i) - eventsBefore.get(i));
        }
        if (fewest < size.holdSeconds() / 2) {
            faults.add("a viewer got " + fewest + " events in " + size.holdSeconds() + " s");
        }
        long chunks = provider.longStreamChunks() - chunksBefore;
        if (chunks < (long) size.streams() * size.holdSeconds() / 2) {
            faults.add("the streams had " + chunks + " chunks in " + size.holdSeconds() + " s");
        }
    }

    private void answer(CrowdLoad load, StatusClient sidecar, Waiter waiter) throws IOException, InterruptedException {
        sidecar.rate(ANSWERS_PER_MINUTE);
        waiter.until("all who waited are answered",
                () -> load.complete(CrowdLoad.Kind.WAITING) + load.wrong() >= size.waiting());
        provider.endLongStreams();
        waiter.until("all streams are complete",
                () -> load.complete(CrowdLoad.Kind.STREAM) + load.wrong() >= size.streams());
    }

    /** Waits for what has to come, and no longer than there is somebody who can bring it. */
    private record Waiter(ProxyProcess proxy, @Nullable Future<?> load) {

        private static final Duration PATIENCE = Duration.ofSeconds(60);
        private static final Duration EVERY = Duration.ofMillis(200);

        interface Condition {
            boolean holds() throws IOException, InterruptedException;
        }

        void until(String what, Condition condition) throws IOException, InterruptedException {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!holds(condition)) {
                if (!proxy.isAlive()) {
                    throw new IOException("the sidecar ended before this: " + what);
                }
                if (load != null && load.isDone()) {
                    end();
                    throw new IOException("the load generator ended before this: " + what);
                }
                if (System.nanoTime() > end) {
                    throw new IOException("not within " + PATIENCE.toSeconds() + " s: " + what);
                }
                Thread.sleep(EVERY);
            }
        }

        /** Who does not answer in time may do so later. */
        private static boolean holds(Condition condition) throws IOException, InterruptedException {
            try {
                return condition.holds();
            } catch (HttpTimeoutException e) {
                return false;
            }
        }

        /** Waits for the load's thread, and reports what it met. */
        void end() throws IOException, InterruptedException {
            if (load == null) {
                return;
            }
            try {
                load.get(10, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new IOException("the load generator failed: " + e.getCause(), e);
            } catch (TimeoutException e) {
                throw new IOException("the load generator did not end", e);
            }
        }
    }
}
