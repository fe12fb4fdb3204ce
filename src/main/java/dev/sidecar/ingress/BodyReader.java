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
 * Reads a request body into memory as the bytes it is, whatever its content type.
 *
 * <p>Vert.x's own body handler decodes forms and multipart uploads and so loses their bytes. The limit holds by
 * {@code Content-Length} before a byte is read, and by count when the body is chunked. A body must come in at a decent
 * pace, so that a client that drips bytes cannot hold memory for ever, and all requests together stay within the
 * {@link RequestMemory}. A body takes memory as it comes in, whatever length was announced; when there is no more, the
 * request is refused in the middle of its body, and gives back what it had. Reads on the event loop; {@link #release} is thread-safe.
 */
final class BodyReader implements Handler<RoutingContext> {

    private static final String TAKEN = "sidecar.request.bytes";

    /** What a body takes with its first byte, if it may become so large: nearly every one is smaller, and never has to grow. */
    private static final int FIRST_BYTES = 16 * 1024;

    private static final Set<HttpMethod> ASKS_ONLY = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final int maxBytes;
    private final IngressLimits limits;
    private final RequestMemory memory;
    private final InFlightRequests intake;
    private final ErrorResponder answers;
    private final AtomicInteger reading = new AtomicInteger();

    BodyReader(int maxBytes, IngressLimits limits, RequestMemory memory, InFlightRequests intake,
            ErrorResponder answers) {
        this.maxBytes = maxBytes;
        this.limits = limits;
        this.memory = memory;
        this.intake = intake;
        this.answers = answers;
    }

    /** The request, with the body that was read for it, is not held any more. */
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

    /** In bytes: of the request itself, and of its body so far. */
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
        // The decoder has let nothing through but digits that a long can hold.
        var announced = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        var length = announced == null ? -1 : Long.parseLong(announced.strip());
        if (length > maxBytes) {
            answers.sendLast(request, tooLarge());
            return;
        }
        var own = RequestMemory.ownBytes(request);
        if (!memory.requests().take(own)) {
            answers.sendLast(request, tooMuch());
            return;
        }
        // Nothing is kept for it: a client that announces much and sends little would keep it from all others.
        if (!memory.hasRoomFor(length)) {
            memory.requests().release(own);
            answers.sendLast(request, tooMuch());
            return;
        }
        // RFC 9110 §10.1.1 and §15.2: HTTP/1.0 knows neither the question nor an interim answer.
        if (request.version() != HttpVersion.HTTP_1_0
                && "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        new Reading(context, own, (int) length).start();
    }

    /** Who only asks, as for health and dashboard, waits in no line, and is heard however full that is. */
    private void withoutBody(RoutingContext context) {
        var request = context.request();
        if (!ASKS_ONLY.contains(request.method())) {
            var own = RequestMemory.ownBytes(request);
            if (!memory.requests().take(own)) {
                answers.sendLast(request, tooMuch());
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
        /** Room in {@code body}, taken from the memory, in bytes. */
        private int taken;
        private final long startNanos = System.nanoTime();
        private long timer = -1;
        private boolean done;

        /**
         * @param own what the request itself has taken from the memory
         * @param length announced; negative when the body is chunked
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
            // Nearly every body is here already and ends within this very read: only then is a timer worth its cost.
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
                answers.sendLast(request, tooLarge());
            } else if (needed > taken && !grow(needed)) {
                giveUp();
                answers.sendLast(request, tooMuch());
            } else {
                body.appendBuffer(chunk);
            }
        }

        private boolean grow(int needed) {
            // By half, so that it holds little more than what has come; in the last of the memory by less. Never by a chunk
            // alone: what is there already is copied each time.
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
                answers.sendLast(request, ErrorBody.invalidRequest(408, "request_timeout",
                        "the request body came in too slowly: " + body.length() + " bytes in "
                                + elapsed.toSeconds() + " s"));
            } else if (!done && intake.isClosed()) {
                giveUp(); // complete, it would be refused too
                answers.sendShuttingDown(request);
            }
        }

        private void breaksOff(Throwable why) {
            if (done) {
                return;
            }
            giveUp();
            if (why instanceof DecoderException || why instanceof IllegalArgumentException) { // Netty's for a bad chunk
                answers.sendLast(request, ErrorBody.invalidRequest(400, "bad_request",
                        "the body's chunks are not valid HTTP/1.1"));
            } else {
                answers.vanished(request);
            }
        }

        private void giveUp() {
            if (!done) {
                stop();
                body = Buffer.buffer(); // the refusal may take its time
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
