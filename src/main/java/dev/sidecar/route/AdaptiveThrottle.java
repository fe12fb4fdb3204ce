package dev.sidecar.route;

import dev.sidecar.call.Attempt;
import dev.sidecar.call.ClientCall;
import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.route.queue.ThrottleQueue;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Serving;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.tokens.TokenCost;
import dev.sidecar.throttle.tokens.TokenEstimate;
import dev.sidecar.throttle.tokens.TokenEstimates;
import dev.sidecar.traffic.Traffic;
import java.time.Duration;
import java.util.Comparator;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * Admission: decides at once whether a request gets a place in the queue, is let through beside a full queue, or
 * is refused because it could not be served in time.
 *
 * <p>Reads the message header {@value #PRIORITY_HEADER}, within the classes that the client may have; sets the exchange
 * property {@value #ADMISSION_PROPERTY} to {@code queued} or {@code bypass}, by which the route goes on. Thread-safe.
 */
public final class AdaptiveThrottle implements Processor {

    public static final String PRIORITY_HEADER = "X-Sidecar-Priority";
    public static final String ADMISSION_PROPERTY = ThrottleQueue.ADMISSION_PROPERTY;

    /** Has a place in the queue, and has not left it yet. */
    static final String QUEUED = "queued";
    /** Goes beside the queue. */
    private static final String BYPASS = "bypass";

    private static final Pattern POSITIVE = Pattern.compile("[1-9][0-9]{0,8}");

    private final Throttle<Exchange> throttle;
    private final ProvidersInForce providers;
    private final TokenEstimates tokens;
    private final Traffic traffic;
    private volatile boolean closed;

    public AdaptiveThrottle(Throttle<Exchange> throttle, ProvidersInForce providers, TokenEstimates tokens,
            Traffic traffic) {
        this.throttle = throttle;
        this.providers = providers;
        this.tokens = tokens;
        this.traffic = traffic;
    }

    /** Refuses everybody from now on, while those in the queue go on: the sidecar is about to stop. */
    public void close() {
        closed = true;
    }

    @Override
    public void process(Exchange exchange) {
        if (closed) {
            throw RefusedRequests.shuttingDown();
        }
        var call = ClientCall.of(exchange);
        var priority = call.client().classes().of(exchange.getMessage().getHeader(PRIORITY_HEADER, String.class));
        call.priority(priority);
        call.throttled(true);
        traffic.throttled();
        if (repeats(call)) {
            traffic.sdkRetry(); // and no more than that: a repeated request waits behind those that came before
        }
        switch (throttle.admit(priority, patience(call), call.model(), call.client().policy(), serving(call),
                cost(call))) {
            case Admission.Queued<Exchange>(Ticket<Exchange> ticket, int position, Duration wait) -> {
                call.begin(Attempt.queued(throttle, ticket));
                exchange.setProperty(ADMISSION_PROPERTY, QUEUED);
                call.estimate(new ClientCall.Estimate(position, wait));
                call.cancellation().onCancel(() -> throttle.abandon(ticket));
            }
            case Admission.Bypassed<Exchange>(Slot slot) -> {
                exchange.setProperty(ADMISSION_PROPERTY, BYPASS);
                call.begin(Attempt.bypassing(slot));
            }
            case Admission.Refused<Exchange>(var refusal) -> throw RefusedRequests.byThrottle(refusal);
        }
    }

    /** What it may cost; nothing without a model, which would answer with tokens. */
    private TokenCost cost(ClientCall call) {
        var body = call.body();
        return call.model() == null || body == null
                ? TokenEstimate.NONE
                : tokens.cost(call.client().name(), call.model(), body.length(), call.maxOutputTokens());
    }

    /** Who may serve it. */
    private Serving serving(ClientCall call) {
        var all = providers.get();
        if (all.all().size() == 1 && all.first().models().equals(ModelMap.EVERYTHING)
                && (all.keyCount() == 1 || call.standsAlone())) {
            return Serving.ANY;
        }
        var serving = new ServedBy(providers, call.onlyModel(), StandsAlone.namesModel(call.request().path()),
                !call.standsAlone());
        if (all.all().stream().noneMatch(each -> serving.by(each.name(), call.model()) != null)) {
            throw RefusedRequests.modelNotServed(call.model());
        }
        return serving;
    }

    /**
     * How long the client says that it will wait: what the OpenAI SDKs send (for Java and Node one time-out for all, for
     * Python the longest wait for bytes), or the plain header for everyone else.
     */
    private static @Nullable Duration patience(ClientCall call) {
        var request = call.request();
        return Stream
                .of(positive(request.getHeader("X-Request-Timeout-Ms"), 1),
                        positive(request.getHeader("X-Stainless-Timeout"), 1000),
                        positive(request.getHeader("X-Stainless-Read-Timeout"), 1000))
                .filter(Objects::nonNull).min(Comparator.naturalOrder()).orElse(null);
    }

    /** The OpenAI SDKs count their own repetitions of a request, from 0. */
    private static boolean repeats(ClientCall call) {
        var count = call.request().getHeader("X-Stainless-Retry-Count");
        return count != null && POSITIVE.matcher(count.strip()).matches();
    }

    private static @Nullable Duration positive(@Nullable String number, int millisPerUnit) {
        if (number == null) {
            return null;
        }
        try {
            var value = Double.parseDouble(number.strip());
            return value > 0 && value < 1e9 ? Duration.ofMillis(Math.round(value * millisPerUnit)) : null;
        } catch (NumberFormatException e) {
            return null; // not a number: the client has not said
        }
    }
}
