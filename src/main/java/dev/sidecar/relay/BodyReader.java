package dev.sidecar.relay;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads a request body into memory as the bytes it is, whatever its content type.
 *
 * <p>Vert.x's own body handler decodes forms and multipart uploads and so loses their bytes. The limit holds by
 * {@code Content-Length} before a byte is read, and by count when the body is chunked. A body must come in at a decent
 * pace, so that a client that drips bytes cannot hold memory for ever, and all bodies together stay within the
 * {@link BodyMemory}. Reads on the event loop; {@link #release} is thread-safe.
 */
final class BodyReader implements Handler<RoutingContext> {

    private static final String TAKEN = "sidecar.body.bytes";

    private final int maxBytes;
    private final IngressLimits limits;
    private final BodyMemory memory;
    private final Intake intake;
    private final DirectAnswer answers;
    private final AtomicInteger reading = new AtomicInteger();

    BodyReader(int maxBytes, IngressLimits limits, BodyMemory memory, Intake intake, DirectAnswer answers) {
        this.maxBytes = maxBytes;
        this.limits = limits;
        this.memory = memory;
        this.intake = intake;
        this.answers = answers;
    }

    /** The body that was read for this request is not needed any more. */
    void release(RoutingContext context) {
        Integer bytes = context.remove(TAKEN);
        if (bytes != null) {
            memory.release(bytes);
        }
    }

    /** How many bodies are coming in now. */
    int reading() {
        return reading.get();
    }

    @Override
    public void handle(RoutingContext context) {
        var request = context.request();
        if (!hasBody(request)) {
            context.next();
            return;
        }
        // The decoder has let nothing through but digits that a long can hold.
        var announced = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        var length = announced == null ? -1 : Long.parseLong(announced.strip());
        if (length > maxBytes) {
            answers.sendLast(request, tooLarge());
            return;
        }
        if (length > 0 && !memory.take(length)) {
            answers.sendLast(request, tooMuch());
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        new Reading(context, (int) length).start();
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
                "the sidecar holds as many request bodies as its memory allows; try again in a moment");
    }

    private final class Reading {

        private final RoutingContext context;
        private final HttpServerRequest request;
        private final Buffer body;
        private final boolean chunked;
        private int taken;
        private final long startNanos = System.nanoTime();
        private long timer = -1;
        private boolean done;

        /**
         * @param length announced and taken from the memory already; negative when the body is chunked
         */
        Reading(RoutingContext context, int length) {
            this.context = context;
            this.request = context.request();
            this.chunked = length < 0;
            this.taken = Math.max(0, length);
            this.body = Buffer.buffer(chunked ? 1024 : length);
        }

        void start() {
            reading.incrementAndGet();
            request.handler(this::append).endHandler(v -> finish()).exceptionHandler(e -> vanish());
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
            if (body.length() + chunk.length() > maxBytes) {
                giveUp();
                answers.sendLast(request, tooLarge());
                return;
            }
            if (chunked && !memory.take(chunk.length())) {
                giveUp();
                answers.sendLast(request, tooMuch());
                return;
            }
            taken += chunked ? chunk.length() : 0;
            body.appendBuffer(chunk);
        }

        private void finish() {
            if (!done) {
                stop();
                context.put(TAKEN, taken);
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

        private void vanish() {
            if (!done) {
                giveUp();
                answers.vanished(request);
            }
        }

        private void giveUp() {
            if (!done) {
                stop();
                memory.release(taken);
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
