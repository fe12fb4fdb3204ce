package dev.sidecar.throttle;

import io.github.resilience4j.core.EventConsumer;
import io.github.resilience4j.core.EventProcessor;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.event.RateLimiterEvent;
import io.github.resilience4j.ratelimiter.event.RateLimiterOnDrainedEvent;
import io.github.resilience4j.ratelimiter.event.RateLimiterOnFailureEvent;
import io.github.resilience4j.ratelimiter.event.RateLimiterOnSuccessEvent;

/**
 * What the budget tells its listeners, in resilience4j's words. Listeners run in the caller's thread and never under the
 * budget's lock. Thread-safe.
 */
final class BudgetEvents extends EventProcessor<RateLimiterEvent> implements RateLimiter.EventPublisher {

    private final String name;

    BudgetEvents(String name) {
        this.name = name;
    }

    @Override
    public RateLimiter.EventPublisher onSuccess(EventConsumer<RateLimiterOnSuccessEvent> listener) {
        registerConsumer(RateLimiterOnSuccessEvent.class.getName(), listener);
        return this;
    }

    @Override
    public RateLimiter.EventPublisher onFailure(EventConsumer<RateLimiterOnFailureEvent> listener) {
        registerConsumer(RateLimiterOnFailureEvent.class.getName(), listener);
        return this;
    }

    void success(int permits) {
        if (hasConsumers()) {
            processEvent(new RateLimiterOnSuccessEvent(name, permits));
        }
    }

    void failure(int permits) {
        if (hasConsumers()) {
            processEvent(new RateLimiterOnFailureEvent(name, permits));
        }
    }

    void drained(int permits) {
        if (hasConsumers()) {
            processEvent(new RateLimiterOnDrainedEvent(name, permits));
        }
    }
}
