package dev.sidecar.ingress;

import dev.sidecar.http.ErrorBody;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads a request body into memory as raw bytes, for every content type. Reads on the event loop; {@link #release} is
 * thread-safe.
 *
 * <p>Vert.x's own body handler decodes forms and multipart uploads, which loses their bytes. The size limit applies to
 * {@code Content-Length} before a byte is read, and to the count of bytes when the body is chunked. A body must come in
 * fast enough, so that a slow client cannot hold memory for ever. All requests together stay within the {@link
 * RequestMemory}. A body takes memory as it comes in, whatever length was announced. Without free memory, the request
 * is refused in the middle of its body, and gives back what it had.
 */
final class BodyReader implements Handler<RoutingContext> {

    private static final String TAKEN = "sidecar.request.bytes";

    /** The memory for the first bytes of a body that may become this large: nearly every body is smaller, and never grows. */
    private static final int FIRST_BYTES = 16 * 1024;

    private static final Set<HttpMethod> ASKS_ONLY = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final int maxBytes;
    private final IngressLimits limits;
    private final RequestMemory memory;
    private final InFlightRequests inFlight;
    private final ErrorResponder errors;
    private final AtomicInteger reading = new AtomicInteger();

    BodyReader(int maxBytes, IngressLimits limits, RequestMemory memory, InFlightRequests inFlight,
            ErrorResponder errors) {
        this.maxBytes = maxBytes;
        this.limits = limits;
        this.memory = memory;
        this.inFlight = inFlight;
        this.errors = errors;
    }

    /** Releases the memory of the request and its body. */
    void release(RoutingContext context) {
        Taken taken = context.remove(TAKEN);
        if (taken != null) {
            release(taken);
        }
    }

    private void release(Taken taken) {
        memory.requests().release(taken.own());
        memory.releaseBody(taken.body());
    }

    /** The memory of the request itself and of its body, in bytes. */
    private record Taken(long own, long body) {
    }

    /** How many bodies are coming in now. */
    int reading() {
        return reading.get();
    }

    @Override
    public void handle(RoutingContext context) {
        var request = context.request();
        if (!hasBody(request)) {
            withoutBody(context);
            return;
        }
        // The decoder accepts only digits that fit in a long.
        var announced = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        var length = announced == null ? -1 : Long.parseLong(announced.strip());
        if (length > maxBytes) {
            errors.sendLast(request, tooLarge());
            return;
        }
        var own = RequestMemory.ownBytes(request);
        if (!memory.requests().take(own)) {
            errors.sendLast(request, tooMuch());
            return;
        }
        // Nothing is reserved: a client that announces much and sends little would keep the room from all others.
        if (!memory.hasRoomFor(length)) {
            memory.requests().release(own);
            errors.sendLast(request, tooMuch());
            return;
        }
        // RFC 9110 §10.1.1 and §15.2: HTTP/1.0 has neither the question nor an interim response.
        if (request.version() != HttpVersion.HTTP_1_0
                && "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        new Reading(context, own, (int) length).start();
    }

    /**
     * A request that only asks, for example for health or the dashboard, joins no queue, and is served even when the
     * memory is full.
     */
    private void withoutBody(RoutingContext context) {
        var request = context.request();
        if (!ASKS_ONLY.contains(request.method())) {
            var own = RequestMemory.ownBytes(request);
            if (!memory.requests().take(own)) {
                errors.sendLast(request, tooMuch());
                return;
            }
            context.put(TAKEN, new Taken(own, 0));
        }
        context.next();
    }

    /** RFC 9112 §6.3: a request has a body if and only if one of the two framing fields says so. */
    static boolean hasBody(HttpServerRequest request) {
        return request.headers().contains(HttpHeaders.CONTENT_LENGTH)
                || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private ErrorBody tooLarge() {
        return ErrorBody.invalidRequest(413, "body_too_large",
                "the request body is larger than the " + maxBytes + " bytes this sidecar accepts");
    }

    private static ErrorBody tooMuch() {
        return ErrorBody.apiError(503, "overloaded",
                "the sidecar holds as many requests as its memory allows; try again in a moment");
    }

    private final class Reading {

        private final RoutingContext context;
        private final HttpServerRequest request;
        private final int longest;
        private final long own;
        private Buffer body = Buffer.buffer();
        /** The room in {@code body}, taken from the memory, in bytes. */
        private int taken;
        private final long startNanos = System.nanoTime();
        private long timer = -1;
        private boolean done;

        /**
         * @param own the memory that the request itself has taken, in bytes
         * @param length the announced length in bytes; negative when the body is chunked
         */
        Reading(RoutingContext context, long own, int length) {
            this.own = own;
            this.context = context;
            this.request = context.request();
            this.longest = length < 0 ? maxBytes : length;
        }

        void start() {
            reading.incrementAndGet();
            request.handler(this::append).endHandler(v -> finish()).exceptionHandler(this::breaksOff);
            // Nearly every body ends within this read; only a longer one needs a timer.
            context.vertx().runOnContext(v -> {
                if (!done) {
                    timer = context.vertx().setPeriodic(Math.clamp(limits.bodyGrace().toMillis(), 1, 1000),
                            id -> checkPace());
                }
            });
        }

        private void append(Buffer chunk) {
            if (done) {
                return;
            }
            var needed = body.length() + chunk.length();
            if (needed > maxBytes) {
                giveUp();
                errors.sendLast(request, tooLarge());
            } else if (needed > taken && !grow(needed)) {
                giveUp();
                errors.sendLast(request, tooMuch());
            } else {
                body.appendBuffer(chunk);
            }
        }

        private boolean grow(int needed) {
            // Grows by half, so that a body holds little more memory than it has bytes, and by less when the memory is
            // nearly used up. It never grows by a single chunk: each growth copies all bytes so far.
            var ample = taken == 0 ? FIRST_BYTES : taken + taken / 2;
            return growTo(Math.max(ample, needed)) || growTo(needed + taken / 16);
        }

        private boolean growTo(int wanted) {
            var size = Math.min(longest, wanted);
            if (!memory.growBody(taken, size)) {
                return false;
            }
            taken = size;
            body = Buffer.buffer(size).appendBuffer(body);
            return true;
        }

        private void finish() {
            if (!done) {
                stop();
                context.put(TAKEN, new Taken(own, taken));
                ((RoutingContextInternal) context).setBody(body);
                context.next();
            }
        }

        private void checkPace() {
            var elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
            if (!done && elapsed.compareTo(limits.bodyLimit(body.length())) >= 0) {
                giveUp();
                errors.sendLast(request, ErrorBody.invalidRequest(408, "request_timeout",
                        "the request body came in too slowly: " + body.length() + " bytes in "
                                + elapsed.toSeconds() + " s"));
            } else if (!done && inFlight.isClosed()) {
                giveUp(); // even a complete request would be refused
                errors.sendShuttingDown(request);
            }
        }

        private void breaksOff(Throwable why) {
            if (done) {
                return;
            }
            giveUp();
            if (why instanceof DecoderException || why instanceof IllegalArgumentException) { // a bad chunk
                errors.sendLast(request, ErrorBody.invalidRequest(400, "bad_request",
                        "the body's chunks are not valid HTTP/1.1"));
            } else {
                errors.vanished(request);
            }
        }

        private void giveUp() {
            if (!done) {
                stop();
                body = Buffer.buffer(); // free the memory first: sending the refusal may take a while
                release(new Taken(own, taken));
            }
        }

        private void stop() {
            done = true;
            reading.decrementAndGet();
            if (timer >= 0) {
                context.vertx().cancelTimer(timer);
            }
        }
    }
}
