package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.call.CompletedRequest;
import dev.sidecar.call.Outcome;
import dev.sidecar.call.Release;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.traffic.RefusalTable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * First step of a proxied request: sees to it that the route {@code completed} runs once for it, when it is over, however
 * it ended. Takes the requests that the server refused before any route saw them too.
 *
 * <p>The message there has a {@link CompletedRequest} as its body, and as exchange properties, for the route to count by,
 * values of closed sets only: {@value AttemptMetrics#PROVIDER}, {@value #PRIORITY}, {@value #OUTCOME}, {@value #CLIENT} and, when the throttle refused, {@value #REFUSAL}. It
 * runs on a virtual thread of its own, since nobody waits for it and the thread that ends a request must not block.
 * Thread-safe.
 */
public final class WhenCompleted implements Processor, Consumer<CompletedRequest> {

    public static final String PRIORITY = "SidecarPriority";
    public static final String OUTCOME = "SidecarOutcome";
    public static final String CLIENT = "SidecarClient";
    public static final String REFUSAL = "SidecarRefusal";
    public static final String INPUT_TOKENS = "SidecarInputTokens";
    public static final String OUTPUT_TOKENS = "SidecarOutputTokens";

    private static final Map<String, Refusal.Reason> REASONS = Arrays.stream(Refusal.Reason.values())
            .collect(Collectors.toUnmodifiableMap(Refusal.Reason::code, Function.identity()));

    private final SideRoute completed;
    private final RefusalTable refusals;
    private final ProvidersInForce providers;
    private final NanoClock clock;

    public WhenCompleted(SideRoute completed, RefusalTable refusals, ProvidersInForce providers, NanoClock clock) {
        this.providers = providers;
        this.completed = completed;
        this.refusals = refusals;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Release.whenDone(exchange, () -> accept(completed(exchange)));
    }

    private CompletedRequest completed(Exchange exchange) {
        var call = ClientCall.find(exchange);
        if (call != null) {
            return call.completed(clock.nanoTime());
        }
        // It failed in between.
        return CompletedRequest.early(exchange.getIn(HttpMessage.class).getRequest(), Outcome.INTERNAL_ERROR, 500,
                "internal_error");
    }

    @Override
    public void accept(CompletedRequest request) {
        Thread.ofVirtual().name("completed").start(() -> send(request));
    }

    /** Counts and logs it, on this thread. */
    void send(CompletedRequest request) {
        var used = request.keyUsed();
        var provider = used == null ? providers.get().first().name() : used.provider();
        var properties = new HashMap<>(
                Map.of(AttemptMetrics.PROVIDER, provider, PRIORITY, request.priority().label(), OUTCOME,
                        request.outcome().label(), CLIENT, request.client()));
        var error = request.error();
        var reason = error == null ? null : REASONS.get(error);
        if (reason != null) {
            refusals.refused(reason, request.priority(), request.model());
            properties.put(REFUSAL, reason.code());
        }
        var usage = request.usage();
        if (usage != null) {
            properties.put(INPUT_TOKENS, Long.toString(usage.input()));
            properties.put(OUTPUT_TOKENS, Long.toString(usage.output()));
        }
        completed.send(request, properties);
    }
}
