package dev.sidecar.call;

import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.io.IOException;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to get a response: its place in the queue, its slot, the response or the failure, and its times. {@link
 * #close} gives back everything that it holds, in every state.
 *
 * <p>Used by one thread at a time, like its exchange. Only {@link #close} and {@link #hasDeparted} may be called by
 * other threads.
 */
public final class Attempt {

    private final @Nullable Throttle<Exchange> throttle;
    private final @Nullable Ticket<Exchange> ticket;
    private volatile @Nullable Departure<?> departure;
    private volatile @Nullable Slot slot;
    private volatile @Nullable ClassicHttpResponse response;
    private @Nullable IOException failure;
    private @Nullable Message message;
    private volatile long startNanos;
    private long endNanos;

    private Attempt(@Nullable Throttle<Exchange> throttle, @Nullable Ticket<Exchange> ticket, @Nullable Slot slot) {
        this.throttle = throttle;
        this.ticket = ticket;
        this.slot = slot;
    }

    /** An attempt with a place in the queue of this throttle. */
    public static Attempt queued(Throttle<Exchange> throttle, Ticket<Exchange> ticket) {
        return new Attempt(throttle, ticket, null);
    }

    /** An attempt beside the full queue, with this slot. */
    public static Attempt bypassing(Slot slot) {
        return new Attempt(null, null, slot);
    }

    /** An attempt that does not count against the limit: it needs no place and no slot. */
    static Attempt unthrottled() {
        return new Attempt(null, null, null);
    }

    /** Its place in the queue, or null if it does not use the queue. */
    public @Nullable Ticket<Exchange> ticket() {
        return ticket;
    }

    /** It has left the queue; with a slot, if it was granted one. */
    public void departed(Departure<Exchange> how) {
        if (how.verdict() instanceof Verdict.Granted(Slot granted)) {
            slot = granted;
        }
        departure = how;
    }

    /** Whether it has left the queue. */
    public boolean hasDeparted() {
        return departure != null;
    }

    /** @throws IllegalStateException if it has not left the queue */
    public Departure<?> departure() {
        var how = departure;
        if (how == null) {
            throw new IllegalStateException("still in the queue: put this step behind seda:priority");
        }
        return how;
    }

    /** Null before it has left the queue, and for a request that needs none. */
    public @Nullable Slot slot() {
        return slot;
    }

    /** It is about to be sent: forgets the response, because an earlier sending may have used the same slot. */
    void begin() {
        closeResponse();
        response = null;
        failure = null;
        startNanos = 0;
        endNanos = 0;
    }

    /** @param newMessage the message before the response replaces it, for a further attempt */
    public void keep(Message newMessage) {
        message = newMessage;
    }

    /** Returns the kept message, and forgets it. */
    public Message takeMessage() {
        var kept = Objects.requireNonNull(message, "no message was kept");
        message = null;
        return kept;
    }

    /** The last moment before the first byte is written. */
    public void started(long nanos) {
        startNanos = nanos;
    }

    /** 0 when nothing was written. */
    public long startNanos() {
        return startNanos;
    }

    /** It has failed, and the request waits for a further attempt. */
    public void ended(long nanos) {
        endNanos = nanos;
    }

    /** The time from the first written byte to the end of the response, or to now, in milliseconds. */
    long millis(long nowNanos) {
        var end = endNanos == 0 ? nowNanos : endNanos;
        return startNanos == 0 ? 0 : (end - startNanos) / 1_000_000;
    }

    public @Nullable ClassicHttpResponse response() {
        return response;
    }

    public void response(ClassicHttpResponse newResponse) {
        response = newResponse;
    }

    /** Why it has no response; null if it has one or may still get one. */
    public @Nullable IOException failure() {
        return failure;
    }

    public void failure(IOException newFailure) {
        failure = newFailure;
    }

    /** Whether its client has own limits of tokens. */
    boolean isLimitedInTokens() {
        return ticket != null && !ticket.client().tokenLimits().isEmpty();
    }

    /** Its response has told what it cost. */
    void spent(long tokens) {
        if (throttle != null && ticket != null) {
            throttle.spent(ticket, tokens);
        }
    }

    /**
     * Gives back what it holds: its place in the queue, an unused slot, the model's worker, and the connection. The
     * connection is cut off if the response was not read to its end. May be called more than once. Thread-safe.
     */
    public void close() {
        var granted = slot;
        if (granted != null) {
            granted.giveBack();
        }
        if (throttle != null && ticket != null) {
            throttle.abandon(ticket);
            if (hasDeparted()) {
                if (startNanos != 0) {
                    throttle.spent(ticket, ticket.tokens().estimate().input()); // unless its response has said more
                }
                throttle.finished(ticket);
            }
        }
        message = null;
        closeResponse();
    }

    private void closeResponse() {
        var received = response;
        if (received != null && received.getEntity() != null) {
            try {
                received.getEntity().close();
            } catch (IOException e) {
                // it is closed anyway
            }
        }
    }
}
