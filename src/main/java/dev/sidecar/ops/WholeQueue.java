package dev.sidecar.ops;

import dev.sidecar.fleet.FleetView;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Outlook;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import java.util.Optional;
import java.util.function.Supplier;

/** Queue and budget as all views show them: those of the whole fleet while it shares one queue, otherwise those of this sidecar. Thread-safe. */
public final class WholeQueue {

    private final Throttle<?> own;
    private final Supplier<Optional<FleetView>> fleet;

    /** @param fleet nothing while this sidecar shares its queue with nobody */
    public WholeQueue(Throttle<?> own, Supplier<Optional<FleetView>> fleet) {
        this.own = own;
        this.fleet = fleet;
    }

    Seen now() {
        return new Seen(own.snapshot(), fleet.get());
    }

    /** The queue ahead of what was seen; a leader tells only as many of the first as it likes. */
    Outlook ahead(Seen seen, int mostWaiting) {
        return seen.fleet.map(FleetView::ahead).orElseGet(() -> own.outlook(mostWaiting));
    }

    /**
     * Queue and budget at one moment.
     *
     * @param own what waits here and is sent from here
     */
    record Seen(ThrottleSnapshot own, Optional<FleetView> fleet) {

        /** What waits for the same budget, and that budget. */
        ThrottleSnapshot whole() {
            return fleet.map(FleetView::queue).orElse(own);
        }
    }
}
