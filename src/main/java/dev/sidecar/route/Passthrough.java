package dev.sidecar.route;

import dev.sidecar.traffic.Traffic;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Notes that a request goes to the provider without a slot, because it does not count against the limit. Thread-safe. */
public final class Passthrough implements Processor {

    private final Traffic traffic;

    public Passthrough(Traffic traffic) {
        this.traffic = traffic;
    }

    @Override
    public void process(Exchange exchange) {
        traffic.passthrough();
    }
}
