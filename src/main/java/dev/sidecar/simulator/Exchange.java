package dev.sidecar.simulator;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.List;

/** Sends one response at the simulated provider's pace, and stops when the client goes away. On one event loop. */
final class Exchange {

    private static final String DONE = "data: [DONE]\n\n";

    private final Vertx vertx;
    private final Network network;
    private final HttpServerResponse response;
    private final Tally tally;
    private boolean gone;
    private int produced;
    private Runnable whenOver = () -> {
    };
    private long timer = -1;

    Exchange(Vertx vertx, Network network, HttpServerRequest request, String requestId, Tally tally) {
        this.vertx = vertx;
        this.network = network;
        this.response = request.response().putHeader("x-request-id", requestId);
        this.tally = tally;
        response.closeHandler(_ -> clientGone());
        // A write fails when the client has gone; the close handler has already counted that.
        response.exceptionHandler(_ -> {
        });
        request.exceptionHandler(_ -> {
        });
    }

    boolean over() {
        return gone || response.ended();
    }

    /** Runs the step once, when the response has ended or the client has gone; at once if either is already so. */
    void whenOver(Runnable step) {
        if (over()) {
            step.run();
        } else {
            whenOver = step;
        }
    }

    /** The tokens of the response that were sent. */
    int produced() {
        return produced;
    }

    void header(String name, String value) {
        if (!over()) {
            response.putHeader(name, value);
        }
    }

    void send(Reply reply, Duration thinkingTime, Duration tokenPace) {
        switch (reply) {
            case Reply.Wrong(ApiError error) -> refuse(error);
            case Reply.Json json -> after(thinkingTime.plus(network.back()), () -> {
                produced = json.usage().completion();
                end(200, json.body().encode());
            });
            case Reply.Events events -> after(thinkingTime.plus(network.back()), () -> {
                response.setChunked(true).putHeader("Content-Type", "text/event-stream; charset=utf-8")
                        .putHeader("Cache-Control", "no-cache");
                new Pump(events.events(), tokenPace).run();
            });
        }
    }

    /** Refuses after the time of the way back. */
    void refuse(ApiError error) {
        after(network.back(), () -> end(error.status(), error.toJson().encode()));
    }

    private void end(int status, String json) {
        response.setStatusCode(status).putHeader("Content-Type", "application/json").end(json);
        whenOver.run();
    }

    private void clientGone() {
        if (!over()) {
            gone = true;
            whenOver.run();
            tally.aborted.incrementAndGet();
            vertx.cancelTimer(timer);
        }
    }

    private void after(Duration wait, Runnable step) {
        if (over()) {
            return;
        }
        if (wait.isZero()) {
            step.run();
        } else {
            timer = vertx.setTimer(Math.max(1, wait.toMillis()), _ -> step.run());
        }
    }

    /** Writes event after event. It waits before each token, and for a reader that is slower than the pace. */
    private final class Pump implements Runnable {

        private final List<Reply.Event> events;
        private final Duration pace;
        private int next;
        private boolean waited;

        Pump(List<Reply.Event> events, Duration pace) {
            this.events = events;
            this.pace = pace;
        }

        @Override
        public void run() {
            while (!over() && next < events.size()) {
                Reply.Event event = events.get(next);
                if (event.token() && !waited && !pace.isZero()) {
                    waited = true;
                    after(pace, this);
                    return;
                }
                if (response.writeQueueFull()) {
                    response.drainHandler(_ -> {
                        response.drainHandler(null);
                        run();
                    });
                    return;
                }
                waited = false;
                next++;
                produced += event.token() ? 1 : 0;
                tally.tokens.addAndGet(event.token() ? 1 : 0);
                response.write("data: " + event.data().encode() + "\n\n");
            }
            if (!over()) {
                response.end(DONE);
                whenOver.run();
            }
        }
    }
}
