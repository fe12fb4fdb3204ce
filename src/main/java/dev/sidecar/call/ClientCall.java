package dev.sidecar.call;

import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.RequestIds;
import dev.sidecar.throttle.order.Priority;
import io.netty.channel.ChannelOption;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * One client request on its way through the routes: what came in, what has been decided so far, and the answer that is
 * owed. It stays the same object when the exchange is copied into and out of the waiting line.
 *
 * <p>Used by one thread at a time, as the exchange is; only {@link #cancellation()} may be touched from elsewhere.
 */
public final class ClientCall {

    private static final String PROPERTY = "SidecarCall";
    private static final long LONGEST_CLOSE_MILLIS = 5_000;
    private static final Pattern SANE_NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final @Nullable Buffer body;
    private final String requestId;
    private final boolean requestIdFromClient;
    private final Cancellation cancellation = new Cancellation();
    private Priority priority = Priority.NORMAL;
    private boolean throttled;
    private @Nullable Estimate estimate;
    private int tries;
    private long queueWaitMillis;
    private @Nullable String model;
    private @Nullable String upstreamName;
    private @Nullable ClassicHttpResponse upstreamResponse;
    private @Nullable IOException upstreamFailure;
    private long upstreamStartNanos;
    private long upstreamEndNanos;
    private int statusSent;
    private @Nullable Outcome outcome;
    private @Nullable String error;

    /** Takes over the answer; from now on a client that goes away cancels {@link #cancellation()}. */
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
        if (response.closed() || !isConnected()) {
            cancellation.cancel(); // also a pipelined request whose turn comes when its client has long gone
        }
    }

    private boolean isConnected() {
        return ((ConnectionBase) request.connection()).channelHandlerContext().channel().isActive();
    }

    /** @throws IllegalStateException when the header policy step has not run for this exchange */
    public static ClientCall of(Exchange exchange) {
        var call = exchange.getProperty(PROPERTY);
        if (call instanceof ClientCall proxyCall) {
            return proxyCall;
        }
        throw new IllegalStateException("no request in this exchange: put the step 'headerPolicy' first in the route");
    }

    public static @Nullable ClientCall find(Exchange exchange) {
        return (ClientCall) exchange.getProperty(PROPERTY);
    }

    public void attachTo(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The exchange, a copy of the request's own, has nothing to do with the client any more. */
    public void detachFrom(Exchange exchange) {
        exchange.removeProperty(PROPERTY);
    }

    /**
     * Ends an answer that cannot be completed: the connection closes before the body's end, or is reset where that end
     * would not show, which every HTTP client reports as an error. Harmless when the client has gone. Blocks until the connection is closed; not for the event
     * loop.
     */
    public void breakOff() {
        if (response.ended()) {
            return;
        }
        var connection = ((ConnectionBase) request.connection()).channelHandlerContext();
        if (request.version() == HttpVersion.HTTP_1_0) {
            connection.channel().config().setOption(ChannelOption.SO_LINGER, 0); // closing is how a whole answer may end
        }
        // Vert.x's own close waits until everything written before has left, which a client that does not read prevents.
        var closed = connection.close();
        // Only then the end, since one that can still be written would make half an answer look whole. It tells Vert.x
        // and Camel that nothing more is to come.
        if (closed.awaitUninterruptibly(LONGEST_CLOSE_MILLIS)) {
            response.end();
        }
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

    /** What it was told when it took its place in the line, or null when it never did. */
    public @Nullable Estimate estimate() {
        return estimate;
    }

    public void estimate(Estimate newEstimate) {
        estimate = newEstimate;
    }

    /** How often it has been sent to the provider, or was about to be. */
    public int tries() {
        return tries;
    }

    /** The time that it has waited in line, before all tries together. */
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

    /** Where it is sent, when that is not the provider; null otherwise. */
    public @Nullable String upstreamName() {
        return upstreamName;
    }

    /** @param newName what a route calls it; anything but a short word becomes {@code other} */
    public void upstreamName(String newName) {
        upstreamName = SANE_NAME.matcher(newName).matches() ? newName : "other";
    }

    public @Nullable ClassicHttpResponse upstreamResponse() {
        return upstreamResponse;
    }

    public void upstreamResponse(ClassicHttpResponse newResponse) {
        upstreamResponse = newResponse;
    }

    /** Why the latest try has no answer, or null when it has one, or may still get one. */
    public @Nullable IOException upstreamFailure() {
        return upstreamFailure;
    }

    public void upstreamFailure(IOException failure) {
        upstreamFailure = failure;
    }

    /** The status that the client is told. */
    public void statusSent(int status) {
        statusSent = status;
    }

    /** How it has ended, where that does not show in the answer's status; the first word counts. */
    public void ended(Outcome how) {
        if (outcome == null) {
            outcome = how;
        }
    }

    /** The sidecar answers with an error of its own. */
    public void failed(ErrorBody answered) {
        statusSent(answered.status());
        ended(Outcome.ofError(answered));
        error = answered.code();
    }

    /** What has become of it, when nothing more will. */
    public CompletedRequest completed(long nowNanos) {
        var how = outcome();
        var status = statusSent > 0
                ? statusSent
                : how == Outcome.CANCELLED ? CompletedRequest.CLIENT_GONE : response.getStatusCode();
        var end = upstreamEndNanos == 0 ? nowNanos : upstreamEndNanos;
        var upstreamMillis = upstreamStartNanos == 0 ? 0 : (end - upstreamStartNanos) / 1_000_000;
        return new CompletedRequest(requestId, request.method().name(), model, priority, how, status, queueWaitMillis,
                upstreamMillis, tries, response.bytesWritten(), error, upstreamName);
    }

    private Outcome outcome() {
        if (outcome != null) {
            return outcome;
        }
        if (cancellation.isClientGone()) {
            return Outcome.CANCELLED;
        }
        return response.ended() ? Outcome.ofStatus(response.getStatusCode()) : Outcome.INTERNAL_ERROR;
    }

    /** It is about to be sent: a new try, without an answer yet. */
    public void newTry() {
        tries++;
        upstreamResponse = null;
        upstreamFailure = null;
        upstreamStartNanos = 0;
        upstreamEndNanos = 0;
    }

    /** The latest try has failed, and the request waits for another one. */
    public void tryEnded(long nanos) {
        upstreamEndNanos = nanos;
    }

    /** The answer, if there is one, has been relayed or never will be: what was not read of it is cut off. */
    public void closeAnswer() {
        if (upstreamResponse != null && upstreamResponse.getEntity() != null) {
            try {
                upstreamResponse.getEntity().close();
            } catch (IOException e) {
                // closed all the same
            }
        }
    }

    public long upstreamStartNanos() {
        return upstreamStartNanos;
    }

    public void upstreamStartNanos(long nanos) {
        upstreamStartNanos = nanos;
    }

    /**
     * Where a request stands when it joins the line.
     *
     * @param position 1 is next
     * @param untilTurn how long until its turn, if nothing more urgent comes
     */
    public record Estimate(int position, Duration untilTurn) {
    }
}
