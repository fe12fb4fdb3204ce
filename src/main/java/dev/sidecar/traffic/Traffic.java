package dev.sidecar.traffic;

import dev.sidecar.throttle.NanoClock;
import java.util.concurrent.atomic.LongAdder;

/** Counts of what the sidecar has done since its start, and what it did lately. Thread-safe. */
public final class Traffic {

    private final LongAdder throttled = new LongAdder();
    private final LongAdder passthrough = new LongAdder();
    private final LongAdder rateLimited = new LongAdder();
    private final LongAdder upstreamErrors = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder upstream429s = new LongAdder();
    private final LongAdder sdkRetries = new LongAdder();
    private final LongAdder streams = new LongAdder();
    private final LongAdder upstreamCancelled = new LongAdder();
    private final LongAdder heartbeats = new LongAdder();
    private final LongAdder heartbeatsOver = new LongAdder();
    private final Classes classes = new Classes();
    private final ModelTable models = new ModelTable();
    private final SendLog sends;
    private final RefusalTable refusals;

    public Traffic(NanoClock clock) {
        sends = new SendLog(clock);
        refusals = new RefusalTable(clock);
    }

    /** A request that counts against the provider's limit has come in. */
    public void throttled() {
        throttled.increment();
    }

    /** A request that does not count against the provider's limit has come in. */
    public void passthrough() {
        passthrough.increment();
    }

    /** A client got a 429, from the sidecar or from the provider. */
    public void rateLimited() {
        rateLimited.increment();
    }

    /** The provider responded with 429, whether or not a client saw it. */
    public void upstream429() {
        upstream429s.increment();
    }

    /** A request goes back to the queue for a further attempt; its client does not notice. */
    public void retried() {
        retries.increment();
    }

    /** A request has come in that the client's library marks as a repetition. */
    public void sdkRetry() {
        sdkRetries.increment();
    }

    /** The provider could not be reached, fell silent, or responded with 5xx, whether or not a client saw it. */
    public void upstreamError() {
        upstreamErrors.increment();
    }

    /** A streamed response begins to be relayed; {@link #streamEnded} must follow in any case. */
    public void streamBegun() {
        streams.increment();
    }

    /** A streamed response was relayed to its end, or broken off. */
    public void streamEnded() {
        streams.decrement();
    }

    /** The response to a request has begun while it waits; {@link #heartbeatOver} must follow in any case. */
    public void heartbeatBegun() {
        heartbeats.increment();
    }

    /** Such a request needs no more signs of life: the provider's response has come, or an error. */
    public void heartbeatOver() {
        heartbeatsOver.increment();
    }

    /** A call to the provider was aborted because its client has gone. */
    public void upstreamCancelled() {
        upstreamCancelled.increment();
    }

    /** Slots and responses by class. */
    public Classes classes() {
        return classes;
    }

    public ModelTable models() {
        return models;
    }

    /** The requests sent in the last window. */
    public SendLog sends() {
        return sends;
    }

    /** The requests refused in the last hour. */
    public RefusalTable refusals() {
        return refusals;
    }

    public Counts counts() {
        return new Counts(throttled.sum(), passthrough.sum(), rateLimited.sum(), upstreamErrors.sum(), retries.sum(),
                upstream429s.sum(), sdkRetries.sum(), streams.sum(), upstreamCancelled.sum(), heartbeats.sum(),
                Math.max(0, heartbeats.sum() - heartbeatsOver.sum()));
    }

    /**
     * The counts at one moment; each is exact, but they are not read at exactly the same instant.
     *
     * @param activeStreams streamed responses that are being relayed now
     * @param upstreamCancelled calls to the provider that were aborted because the client had gone
     * @param heartbeats streamed requests whose response began while they waited
     * @param activeHeartbeats those of them that wait now
     */
    public record Counts(long throttled, long passthrough, long rateLimited, long upstreamErrors, long retries,
            long upstream429s, long sdkRetries, long activeStreams, long upstreamCancelled,
            long heartbeats, long activeHeartbeats) {

        public long total() {
            return throttled + passthrough;
        }
    }
}
