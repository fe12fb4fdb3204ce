package dev.sidecar.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request and how far its answer got; times are {@code System.nanoTime}, 0 where it has not come to that. */
public final class Exchange {

    /** What the client was waiting for when it closed the connection. */
    public enum Phase {
        WAITING, MID_STREAM
    }

    /** The client closed the connection before its answer was complete. */
    public record Abort(RecordedRequest request, Phase phase, long nanos) {
    }

    private final RecordedRequest request;
    private final Runnable onLastByte;
    private final List<Long> chunkNanos = new CopyOnWriteArrayList<>();
    private final CountDownLatch gone = new CountDownLatch(1);
    private volatile long answerNanos;
    private volatile long endNanos;
    private volatile @Nullable Abort abort;
    private boolean lastByteHandedOver;

    /** {@code onLastByte} runs once: before the last byte is sent or, failing that, when the answer is given up. */
    Exchange(RecordedRequest request, Runnable onLastByte) {
        this.request = request;
        this.onLastByte = onLastByte;
    }

    public RecordedRequest request() {
        return request;
    }

    /** When the answer's first byte was sent, interim answers aside. */
    public long answerNanos() {
        return answerNanos;
    }

    /** When each chunk was sent. */
    public List<Long> chunkNanos() {
        return List.copyOf(chunkNanos);
    }

    /** When the answer was complete, or the provider had broken it off. */
    public long endNanos() {
        return endNanos;
    }

    public @Nullable Abort abort() {
        return abort;
    }

    void answering() {
        if (answerNanos == 0) {
            answerNanos = System.nanoTime();
        }
    }

    void chunk() {
        chunkNanos.add(System.nanoTime());
    }

    void ended() {
        endNanos = System.nanoTime();
        handOverLastByte();
    }

    /** From here on a client that closes the connection has, as far as anyone can tell, got its answer. */
    synchronized void handOverLastByte() {
        if (!lastByteHandedOver) {
            lastByteHandedOver = true;
            onLastByte.run();
        }
    }

    /** The connection was found closed; true if that breaks this exchange off. */
    synchronized boolean closedByClient() {
        return !lastByteHandedOver && brokenOff();
    }

    /** Bytes could not be written; true if this is the first sign of it. */
    synchronized boolean brokenOff() {
        if (abort != null) {
            return false;
        }
        abort = new Abort(request, answerNanos == 0 ? Phase.WAITING : Phase.MID_STREAM, System.nanoTime());
        gone.countDown();
        return true;
    }

    /** Ends every pause. */
    void release() {
        gone.countDown();
    }

    /** False if the exchange was over before the time. */
    boolean pause(Duration pause) throws InterruptedException {
        return !gone.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    }
}
