package dev.sidecar.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a body, for a decision, and the whole body as a stream, for the relay. A slow body does not delay
 * the decision: a thread of its own reads the missing bytes. That thread stops when the beginning is complete or the
 * stream is read.
 *
 * <p>Thread-safe; only one thread may read the stream. The lock guards the bytes read and the position of the reader.
 * It is not held while the connection is read.
 */
final class BodyStart extends InputStream {

    private final InputStream rest;
    private final long wholeLength;
    private final byte[] start;
    private final long untilNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int length;
    private int position;
    private boolean streamed;
    private boolean complete;
    private boolean ended;
    private @Nullable Throwable failure;

    /**
     * @param rest the body; only this object may read it from now on
     * @param wholeLength length of the body in bytes, negative if unknown
     * @param most largest length of the beginning in bytes
     * @param patience how long from now {@link #bytes} may wait
     */
    BodyStart(InputStream rest, long wholeLength, int most, Duration patience) {
        this.rest = rest;
        this.wholeLength = wholeLength;
        this.start = new byte[most];
        this.untilNanos = System.nanoTime() + patience.toNanos();
        readWhatIsHere();
        if (!complete) {
            Thread.ofVirtual().name("body-start").start(this::readOn);
        }
    }

    /** Reads the bytes that are already here: a short error that came together with its head needs no thread. */
    private void readWhatIsHere() {
        try {
            while (!complete && (rest.available() > 0 || length == wholeLength)) {
                readOnce();
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private void readOn() {
        try {
            while (readOnce()) {
                // until the beginning is complete, or the stream takes over
            }
        } catch (Throwable e) { // the reader of the stream gets the error
            fail(e);
        }
    }

    /** @return whether there is more to read; only one thread comes here */
    private boolean readOnce() throws IOException {
        int n = rest.read(start, length, start.length - length);
        lock.lock();
        try {
            length += Math.max(0, n);
            ended = n < 0;
            complete = ended || streamed || length == start.length;
            changed.signalAll();
            return !complete;
        } finally {
            lock.unlock();
        }
    }

    private void fail(Throwable e) {
        lock.lock();
        try {
            failure = e;
            complete = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The beginning, or the part that has come in time. */
    byte[] bytes() {
        lock.lock();
        try {
            long remaining = untilNanos - System.nanoTime();
            while (!complete && remaining > 0) {
                remaining = changed.awaitNanos(remaining);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return here();
    }

    private byte[] here() {
        lock.lock();
        try {
            return Arrays.copyOf(start, length);
        } finally {
            lock.unlock();
        }
    }

    /** Whether no more bytes of the beginning will come. */
    boolean isComplete() {
        lock.lock();
        try {
            return complete;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        lock.lock();
        try {
            streamed = true;
            while (position == length && !complete) {
                changed.await();
            }
            if (position < length) {
                int n = Math.min(len, length - position);
                System.arraycopy(start, position, b, off, n);
                position += n;
                return n;
            }
            if (failure != null) {
                throw failure instanceof IOException broken ? broken : new IOException(failure);
            }
            if (ended) {
                return -1;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the provider");
        } finally {
            lock.unlock();
        }
        return rest.read(b, off, len);
    }

    @Override
    public int available() throws IOException {
        lock.lock();
        try {
            return position < length ? length - position : complete && !ended ? rest.available() : 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        rest.close();
    }
}
