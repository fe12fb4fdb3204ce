package dev.sidecar.traffic;

import java.util.concurrent.atomic.LongAdder;

/** Counts of what the sidecar has done since its start. Thread-safe. */
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
    private final Classes classes = new Classes();
    private final ModelTable models = new ModelTable();

    /** A request that counts against the provider's limit has come in. */
    public void throttled() {
        throttled.increment();
    }

    /** A request that does not count against the provider's limit has come in. */
    public void passthrough() {
        passthrough.increment();
    }

    /** A client was answered 429, by the sidecar or by the provider. */
    public void rateLimited() {
        rateLimited.increment();
    }

    /** The provider answered 429, whether or not a client got to see it. */
    public void upstream429() {
        upstream429s.increment();
    }

    /** A request goes back to the line, to be tried once more behind its client's back. */
    public void retried() {
        retries.increment();
    }

    /** A request has come in that its client's library says it is repeating. */
    public void sdkRetry() {
        sdkRetries.increment();
    }

    /** The provider could not be reached, fell silent, or answered 5xx, whether or not a client got to see it. */
    public void upstreamError() {
        upstreamErrors.increment();
    }

    /** A streamed answer begins to be relayed; {@link #streamEnded} must follow, however it ends. */
    public void streamBegun() {
        streams.increment();
    }

    /** A streamed answer is relayed to its end, or broken off. */
    public void streamEnded() {
        streams.decrement();
    }

    /** A call to the provider was aborted because its client has gone. */
    public void upstreamCancelled() {
        upstreamCancelled.increment();
    }

    /** Slots and answers by class. */
    public Classes classes() {
        return classes;
    }

    public ModelTable models() {
        return models;
    }

    public Counts counts() {
        return new Counts(throttled.sum(), passthrough.sum(), rateLimited.sum(), upstreamErrors.sum(), retries.sum(),
                upstream429s.sum(), sdkRetries.sum(), streams.sum(), upstreamCancelled.sum());
    }

    /**
     * The counts at one moment; each is exact, but they are not read at the very same instant.
     *
     * @param activeStreams streamed answers that are being relayed now
     * @param upstreamCancelled calls to the provider that were aborted because the client had gone
     */
    public record Counts(long throttled, long passthrough, long rateLimited, long upstreamErrors, long retries,
            long upstream429s, long sdkRetries, long activeStreams, long upstreamCancelled) {

        public long total() {
            return throttled + passthrough;
        }
    }
}
