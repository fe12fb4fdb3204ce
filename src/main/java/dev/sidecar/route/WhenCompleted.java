package dev.sidecar.route;

import dev.sidecar.relay.CompletedRequest;
import dev.sidecar.relay.Outcome;
import dev.sidecar.relay.ProxyCall;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Refusal;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * First step of a proxied request: sees to it that the route {@code completed} runs once for it, when it is over, however
 * it ended. Takes the requests that the server refused before any route saw them too.
 *
 * <p>
 * The message there has a {@link CompletedRequest} as its body, and as headers, for the route to count by, values of closed
 * sets only: {@value #PRIORITY}, {@value #OUTCOME} and, when the throttle refused, {@value #REFUSAL}. Runs on a virtual
 * thread of its own, since nobody waits for it and the thread that ends a request must not block. Thread-safe.
 */
public final class WhenCompleted implements Processor, Consumer<CompletedRequest> {

    public static final String PRIORITY = "priority";
    public static final String OUTCOME = "outcome";
    public static final String REFUSAL = "refusal";

    private static final Logger LOG = LoggerFactory.getLogger(WhenCompleted.class);
    private static final Set<String> REFUSALS = Arrays.stream(Refusal.Reason.values()).map(Refusal.Reason::code)
            .collect(Collectors.toUnmodifiableSet());

    private final Supplier<CamelContext> context;
    private final NanoClock clock;
    private volatile @Nullable Target target;

    /**
     * @param context asked for when the first request is over: the server that reports here is there before Camel is
     */
    public WhenCompleted(Supplier<CamelContext> context, NanoClock clock) {
        this.context = context;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        exchange.getExchangeExtension().addOnCompletion(new OnDone(() -> accept(completed(exchange))));
    }

    private CompletedRequest completed(Exchange exchange) {
        var call = ProxyCall.find(exchange);
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

    private void send(CompletedRequest request) {
        var to = target();
        var sent = to.template.send(to.endpoint, exchange -> fill(exchange, request));
        if (sent.getException() != null) {
            LOG.warn("a completed request was not counted or logged: {}", sent.getException().getClass().getName());
        }
    }

    private static void fill(Exchange exchange, CompletedRequest request) {
        var message = exchange.getMessage();
        message.setBody(request);
        message.setHeader(PRIORITY, request.priority().label());
        message.setHeader(OUTCOME, request.outcome().label());
        if (request.error() != null && REFUSALS.contains(request.error())) {
            message.setHeader(REFUSAL, request.error());
        }
    }

    /** Made twice when two requests end first: the one template is as good as the other. */
    private Target target() {
        var known = target;
        if (known == null) {
            var camel = context.get();
            known = new Target(camel.createProducerTemplate(),
                    camel.getEndpoint("direct:completed?failIfNoConsumers=false"));
            target = known;
        }
        return known;
    }

    private record Target(ProducerTemplate template, Endpoint endpoint) {
    }
}
