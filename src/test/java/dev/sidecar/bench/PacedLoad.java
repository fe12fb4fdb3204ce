package dev.sidecar.bench;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An open loop: requests are due at even distances whether or not earlier ones have been answered, and their latency
 * counts from when they were due. So a stalled proxy is charged for every request that it kept waiting.
 */
final class PacedLoad extends Load {

    private final Samples latencies = new Samples();
    private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();
    private final long gapNanos;
    private @Nullable Runnable atEnd;
    private long end;
    private int due;
    private int answered;
    private int answeredInTime;

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

    /** To be done once, when the last request is due, whatever has been answered by then. */
    void atEnd(Runnable action) {
        atEnd = action;
    }

    int offered() {
        return due;
    }

    /** How many had been answered when the last request was due. */
    int answeredInTime() {
        return answeredInTime;
    }

    @Override
    protected void begin(long start, long end) {
        this.end = end;
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
        if (now < end) {
            answeredInTime = answered;
        } else if (atEnd != null) {
            atEnd.run();
            atEnd = null;
        }
    }

    @Override
    protected void answered(Connection connection, long now, boolean good) {
        latencies.add(now - connection.since());
        answered++;
        idle.add(connection);
    }

    @Override
    protected boolean finished() {
        return answered >= due && atEnd == null;
    }
}
