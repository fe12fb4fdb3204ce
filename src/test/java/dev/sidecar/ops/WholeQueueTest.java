package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.fleet.FleetView;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Outlook;
import dev.sidecar.throttle.order.Priority;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which queue the views show. */
class WholeQueueTest {

    private final TwoProviders two = TwoProviders.single();
    private Optional<FleetView> fleet = Optional.empty();
    private final WholeQueue queue = new WholeQueue(two.throttle, () -> fleet);

    WholeQueueTest() {
        var queued = (Admission.Queued<String>) two.throttle.admit(Priority.HIGH, null);
        two.throttle.enqueue(queued.ticket(), "waits");
    }

    @Test
    void withoutAFleetItIsTheOwnOne() {
        var seen = queue.now();
        assertThat(seen.whole()).isSameAs(seen.own());
        assertThat(queue.ahead(seen, 50).first()).hasSize(1);
    }

    @Test
    void whileSharedItIsTheOneOfTheLeader() {
        var view = new FleetView(TwoProviders.ofThree().throttle.snapshot(), new Outlook(List.of(), List.of()));
        fleet = Optional.of(view);
        var seen = queue.now();
        assertThat(seen.whole()).isSameAs(view.queue());
        assertThat(seen.own().size()).isOne();
        assertThat(queue.ahead(seen, 50)).isSameAs(view.ahead());
    }

    @Test
    void whatWasSeenStaysWhatItIs() {
        var seen = queue.now();
        fleet = Optional
                .of(new FleetView(TwoProviders.ofThree().throttle.snapshot(), new Outlook(List.of(), List.of())));
        assertThat(queue.ahead(seen, 50).first()).hasSize(1);
    }
}
