package dev.sidecar.bench;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An open loop: requests are due at even distances whether or not earlier ones have been answered, and their latency
 * counts from when they were due. So a stalled proxy is charged for every request that it kept waiting.
 */
final class PacedLoad extends Load {

    private final Samples latencies = new Samples();
    private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();
    private final long gapNanos;
    private int due;
    private int answered;

    PacedLoad(int port, int clients, int perSecond, Faults faults) throws IOException {
        super(port, false, faults);
        gapNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        for (int i = 0; i < clients; i++) {
            idle.add(connect(new AnswerCheck.Plain()));
        }
    }

    Samples latencies() {
        return latencies;
    }

    @Override
    protected void begin(long start, long end) {
        due = (int) ((end - start) / gapNanos);
        Thread.ofPlatform().name("pacer").daemon().start(() -> pace(start, end));
    }

    /** A thread of its own, because a selector can only wait for whole milliseconds. */
    private void pace(long start, long end) {
        for (int i = 0; i < due; i++) {
            long dueAt = start + i * gapNanos;
            for (long wait = dueAt - Chat.now(); wait > 0; wait = dueAt - Chat.now()) {
                LockSupport.parkNanos(wait);
            }
            Connection connection = idle.poll();
            while (connection == null) {
                if (Chat.now() > end + TimeUnit.SECONDS.toNanos(10)) {
                    return;
                }
                LockSupport.parkNanos(100_000);
                connection = idle.poll();
            }
            connection.send(dueAt);
        }
    }

    @Override
    protected void tick(long now) {
    }

    @Override
    protected void answered(Connection connection, long now, boolean good) {
        latencies.add(now - connection.since());
        answered++;
        idle.add(connection);
    }

    @Override
    protected boolean finished() {
        return answered >= due;
    }
}
