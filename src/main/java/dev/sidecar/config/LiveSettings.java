package dev.sidecar.config;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;

/**
 * The settings that an administrator may change while the program runs. Ranges are those of {@link SidecarProperties}.
 * Immutable; a change replaces all of them.
 *
 * @param rateRpm the provider's limit, requests in any 60 s
 * @param bucketCapacity largest burst sent from an idle state
 * @param requestTimeout longest wait for the first upstream byte, and longest silence within a body
 * @param queueTimeout longest wait in the queue of high and normal requests
 * @param queueMaxSize requests that may wait
 * @param lowPriorityTimeout longest wait of a low-priority request
 * @param fallbackPassthrough whether a full queue forwards at once without a slot
 * @param logLevel level of the sidecar's own loggers, in capitals
 */
public record LiveSettings(int rateRpm, int bucketCapacity, Duration requestTimeout, Duration queueTimeout,
        int queueMaxSize, Duration lowPriorityTimeout, boolean fallbackPassthrough, String logLevel) {

    public LiveSettings withRateRpm(int rate) {
        return new LiveSettings(rate, bucketCapacity, requestTimeout, queueTimeout, queueMaxSize, lowPriorityTimeout,
                fallbackPassthrough, logLevel);
    }

    public LiveSettings withoutPassthrough() {
        return new LiveSettings(rateRpm, bucketCapacity, requestTimeout, queueTimeout, queueMaxSize, lowPriorityTimeout,
                false, logLevel);
    }

    /** The part for order and budget. */
    public ThrottleSettings forThrottle(Pacing pacing) {
        return new ThrottleSettings(rateRpm, bucketCapacity, pacing, queueMaxSize, queueTimeout, lowPriorityTimeout,
                fallbackPassthrough);
    }
}
