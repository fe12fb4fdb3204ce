package dev.sidecar.ops;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** {@code GET /health}: the process lives. Thread-safe. */
public final class Health implements Processor {

    private final Uptime uptime;
    private final String version;

    public Health(Uptime uptime, String version) {
        this.uptime = uptime;
        this.version = version;
    }

    @Override
    public void process(Exchange exchange) {
        JsonAnswer.set(exchange, 200, new Answer("ok", uptime.seconds(), version));
    }

    record Answer(String status, double uptime, String version) {
    }
}
