package dev.sidecar.call;

import dev.sidecar.clients.Client;
import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.RequestIds;
import dev.sidecar.throttle.order.Priority;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import dev.sidecar.throttle.tokens.TokenUsage;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * One client request on its way through the routes: its message, the decisions so far, its attempts, and the response
 * to be sent. It stays the same object when the exchange is copied into and out of the queue.
 *
 * <p>Used by one thread at a time, like its exchange; only {@link #cancellation()} and {@link #heartbeat()} may be used by other
 * threads.
 */
public final class ClientCall {

    /** The exchange property that holds it. */
    public static final String PROPERTY = "SidecarCall";
    private static final Pattern SANE_NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final @Nullable Buffer body;
    private final String requestId;
    private final boolean requestIdFromClient;
    private final Cancellation cancellation = new Cancellation();
    private Client client = Client.ANYBODY;
    private Priority priority = Priority.NORMAL;
    private boolean throttled;
    private @Nullable Estimate estimate;
    private @Nullable HeartbeatStream heartbeat;
    private @Nullable Attempt attempt;
    private @Nullable Attempt elsewhere;
    private @Nullable Attempt latest;
    private int attempts;
    private long queueWaitMillis;
    private @Nullable String model;
    private @Nullable String onlyModel;
    private @Nullable String upstreamName;
    private @Nullable KeyUsed keyUsed;
    private boolean standsAlone;
    private boolean storesNothing;
    private OptionalLong maxOutputTokens = OptionalLong.empty();
    private @Nullable TokenUsage usage;
    private boolean streamed;
    private int statusSent;
    private @Nullable Outcome outcome;
    private @Nullable String error;

    /** Takes over the response; from now on a client that goes away cancels {@link #cancellation()}. */
    public ClientCall(HttpServerRequest request, @Nullable Buffer body) {
        this.request = request;
        this.response = request.response();
        this.body = body;
        var own = request.getHeader(RequestIds.HEADER);
        this.requestIdFromClient = RequestIds.isSane(own);
        this.requestId = RequestIds.of(own);
        response.closeHandler(v -> {
            if (!response.ended()) {
                // Aborting closes a socket, which may block: not on the event loop.
                Thread.startVirtualThread(cancellation::cancel);
            }
        });
        if (response.closed() || !ClientConnection.isOpen(request)) {
            cancellation.cancel(); // for example a pipelined request whose client has gone before its turn
        }
    }

    /** @throws IllegalStateException when the header policy step has not run for this exchange */
    public static ClientCall of(Exchange exchange) {
        var call = exchange.getProperty(PROPERTY);
        if (call instanceof ClientCall clientCall) {
            return clientCall;
        }
        throw new IllegalStateException("no request in this exchange: put the step 'headerPolicy' first in the route");
    }

    public static @Nullable ClientCall find(Exchange exchange) {
        return (ClientCall) exchange.getProperty(PROPERTY);
    }

    public void attachTo(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** Removes the call from an exchange that is a copy of the request's own and no longer concerns the client. */
    public void detachFrom(Exchange exchange) {
        exchange.removeProperty(PROPERTY);
    }

    /**
     * Ends a response that cannot be completed, so that the client sees an error. Harmless when the client has gone. Blocks until
     * the connection is closed; not for the event loop.
     */
    public void breakOff() {
        ClientConnection.breakOff(request);
    }

    public HttpServerRequest request() {
        return request;
    }

    public HttpServerResponse response() {
        return response;
    }

    public @Nullable Buffer body() {
        return body;
    }

    public String requestId() {
        return requestId;
    }

    public boolean isRequestIdFromClient() {
        return requestIdFromClient;
    }

    public Cancellation cancellation() {
        return cancellation;
    }

    /** Who sends it; everybody is the same anonymous client until a step has asked. */
    public Client client() {
        return client;
    }

    public void client(Client newClient) {
        client = newClient;
    }

    public Priority priority() {
        return priority;
    }

    public void priority(Priority newPriority) {
        priority = newPriority;
    }

    /** Whether this request counts against the provider's limit. */
    public boolean isThrottled() {
        return throttled;
    }

    public void throttled(boolean newThrottled) {
        throttled = newThrottled;
    }

    /** The estimate from when it took its place in the queue, or null if it never did. */
    public @Nullable Estimate estimate() {
        return estimate;
    }

    public void estimate(Estimate newEstimate) {
        estimate = newEstimate;
    }

    /** Its response if that may begin while it waits in the queue; null otherwise. */
    public @Nullable HeartbeatStream heartbeat() {
        return heartbeat;
    }

    public void heartbeat(HeartbeatStream stream) {
        heartbeat = stream;
    }

    /** Whether its response has begun, with signs of life, before the provider's. */
    public boolean isBegun() {
        return heartbeat != null && heartbeat.isBegun();
    }

    /** It has left the queue, with a slot or without. */
    public void departed() {
        if (heartbeat != null) {
            heartbeat.departed();
        }
    }

    /** Whether a model answers it, or its client has own limits of tokens: then {@link #spent} says what the response cost. */
    public boolean countsTokens() {
        var current = attempt;
        return current != null && (model != null || current.isLimitedInTokens());
    }

    /** What its request takes, as far as that can be known before the response. */
    public long inputEstimate() {
        var current = attempt;
        return current == null || current.ticket() == null ? 0 : current.ticket().tokens().estimate().input();
    }

    /**
     * The response has ended, or was broken off.
     *
     * @param told what it says that it cost; null if it does not
     * @param seen what it has cost then, as far as can be seen
     */
    public void spent(@Nullable TokenUsage told, TokenUsage seen) {
        usage = told;
        var current = attempt;
        if (current != null) {
            current.spent((told == null ? seen : told).total());
        }
    }

    /** What the response says that it cost; null if it does not. */
    public @Nullable TokenUsage usage() {
        return usage;
    }

    /** The most tokens that the client allows for the response; empty if its body does not say. */
    public OptionalLong maxOutputTokens() {
        return maxOutputTokens;
    }

    public void maxOutputTokens(OptionalLong most) {
        maxOutputTokens = most;
    }

    /** From now on this attempt has the place in the queue, or the slot. */
    public void begin(Attempt newAttempt) {
        attempt = newAttempt;
    }

    /** The attempt that has the place in the queue, or the slot; null for a request that needs none and has not been sent. */
    public @Nullable Attempt attempt() {
        return attempt;
    }

    /** It is about to be sent to the provider, with its slot or without one. */
    public Attempt send() {
        if (attempt == null) {
            attempt = Attempt.unthrottled();
        }
        return sent(attempt);
    }

    /** It is about to be sent to another upstream, which takes no slot. */
    public Attempt sendElsewhere() {
        if (elsewhere == null) {
            elsewhere = Attempt.unthrottled();
        }
        return sent(elsewhere);
    }

    private Attempt sent(Attempt sent) {
        attempts++;
        sent.begin();
        latest = sent;
        return sent;
    }

    /** The latest attempt that was sent or about to be sent; null before the first. */
    public @Nullable Attempt latest() {
        return latest;
    }

    /** The response of the latest attempt, or null while there is none. */
    public @Nullable ClassicHttpResponse upstreamResponse() {
        return latest == null ? null : latest.response();
    }

    /** How often it was sent or about to be sent. */
    public int attempts() {
        return attempts;
    }

    /** Ends the call. The route that took an attempt out of the queue closes that attempt itself. */
    public void close() {
        if (attempt != null && !attempt.hasDeparted()) {
            attempt.close();
        }
        if (elsewhere != null) {
            elsewhere.close();
        }
    }

    /** The time in the queue, the sum over all attempts, in milliseconds. */
    public long queueWaitMillis() {
        return queueWaitMillis;
    }

    public void queueWaitMillis(long millis) {
        queueWaitMillis = millis;
    }

    public @Nullable String model() {
        return model;
    }

    public void model(@Nullable String newModel) {
        model = newModel;
    }

    /** The model, if the body names exactly one and it can be read; null otherwise. */
    public @Nullable String onlyModel() {
        return onlyModel;
    }

    public void onlyModel(@Nullable String newModel) {
        onlyModel = newModel;
    }

    /** With which key it was sent last, or is about to be sent; null before. */
    public @Nullable KeyUsed keyUsed() {
        return keyUsed;
    }

    public void keyUsed(KeyUsed used) {
        keyUsed = used;
    }

    /** Whether it neither names nor makes anything that the provider stores; what does, goes with the primary key. */
    public boolean standsAlone() {
        return standsAlone;
    }

    public void standsAlone(boolean alone) {
        standsAlone = alone;
    }

    /** Whether its body says that its response is not to be stored, and names no stored one. */
    public boolean storesNothing() {
        return storesNothing;
    }

    public void storesNothing(boolean nothing) {
        storesNothing = nothing;
    }

    /** The name of its upstream, if that is not a provider; null otherwise. */
    public @Nullable String upstreamName() {
        return upstreamName;
    }

    /** @param newName the route's name for it; anything but a short word becomes {@code other} */
    public void upstreamName(String newName) {
        upstreamName = SANE_NAME.matcher(newName).matches() ? newName : "other";
    }

    /** Whether its body asks for a stream of events. */
    public boolean isStreamed() {
        return streamed;
    }

    public void streamed(boolean asksForStream) {
        streamed = asksForStream;
    }

    /** The status that the client gets. */
    public void statusSent(int status) {
        statusSent = status;
    }

    /** How it has ended, if the response's status does not show it; the first call counts. */
    public void ended(Outcome how) {
        if (outcome == null) {
            outcome = how;
        }
    }

    /** The sidecar responds with an error of its own. */
    public void failed(ErrorBody sent) {
        statusSent(sent.status());
        ended(Outcome.ofError(sent));
        error = sent.code();
    }

    /** The client is told the provider's error in the last event of its stream. */
    public void failed(int providersStatus) {
        ended(Outcome.ofStatus(providersStatus));
    }

    /** The summary of the request, to be called after its end. */
    public CompletedRequest completed(long nowNanos) {
        var how = outcome();
        var status = isBegun()
                ? response.getStatusCode()
                : statusSent > 0
                        ? statusSent
                        : how == Outcome.CANCELLED ? CompletedRequest.CLIENT_GONE : response.getStatusCode();
        var upstreamMillis = latest == null ? 0 : latest.millis(nowNanos);
        return new CompletedRequest(requestId, client.name(), request.method().name(), model, priority, how, status,
                queueWaitMillis, upstreamMillis, attempts, response.bytesWritten(), error, upstreamName, keyUsed,
                usage,
                heartbeat == null ? 0 : heartbeat.beats());
    }

    /** How it has ended; to be called after its end. */
    public Outcome outcome() {
        if (outcome != null) {
            return outcome;
        }
        if (cancellation.isClientGone()) {
            return Outcome.CANCELLED;
        }
        return response.ended() ? Outcome.ofStatus(response.getStatusCode()) : Outcome.INTERNAL_ERROR;
    }

    /**
     * A provider and its key, by their names.
     *
     * @param told whether clients and logs are told the key's name: not where there is only one
     */
    public record KeyUsed(String provider, String key, boolean told) {
    }

    /**
     * The estimate for a request when it joins the queue.
     *
     * @param position 1 is next
     * @param untilTurn how long until its turn, if nothing more urgent comes
     */
    public record Estimate(int position, Duration untilTurn) {

        /** For the client. */
        public void writeTo(MultiMap fields) {
            fields.set("X-Sidecar-Queue-Position", Integer.toString(position));
            fields.set("X-Sidecar-Queue-Eta-Ms", Long.toString(untilTurn.toMillis()));
        }
    }
}
