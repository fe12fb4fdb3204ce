package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.quota.RequestLimit;
import dev.sidecar.throttle.quota.TokenLimit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the leader sees is what the others read. */
class FleetViewTest {

    private static final ClientPolicy JOBS = new ClientPolicy("jobs", 3,
            List.of(new RequestLimit(100, Duration.ofHours(1))), List.of(new TokenLimit(5_000, Duration.ofDays(1))), 0,
            0);

    private final AtomicLong nanos = new AtomicLong();
    private final Throttle<String> queue = new Throttle<>(new ThrottleSettings(40, 40, Pacing.WINDOW, 500,
            Duration.ofSeconds(150), Duration.ofSeconds(2), false), nanos::get);

    /** As it is after the way through Redis. */
    private static JsonNode sent(FleetView view) {
        byte[] bytes = Codec
                .bytes(new Envelope(Envelope.VERSION, "home", 1, 1, 0, List.of(new Message.View(view.json()))));
        Message message = Codec.envelope(bytes).orElseThrow().messages().getFirst();
        return ((Message.View) message).seen();
    }

    @Test
    void anIdleQueueIsReadAsItWas() {
        FleetView view = FleetView.of(queue);
        assertThat(FleetView.of(sent(view))).contains(view);
    }

    @Test
    void aBusyQueueIsReadAsItWas() {
        queue.clients(List.of(JOBS));
        for (int i = 0; i < 60; i++) {
            var queued = (Admission.Queued<String>) queue.admit(i % 2 == 0 ? Priority.HIGH : Priority.NORMAL, null,
                    "model-" + i % 3, JOBS);
            queue.enqueue(queued.ticket(), "r" + i);
        }
        refuseOne();
        FleetView view = FleetView.of(queue);
        assertThat(view.queue().size()).isEqualTo(59);
        assertThat(view.queue().retreat().paused()).isPositive();
        assertThat(view.queue().clients()).anySatisfy(each -> assertThat(each.limits()).hasSize(2));
        assertThat(view.ahead().first()).hasSize(50);
        assertThat(view.ahead().later()).isNotEmpty();
        assertThat(FleetView.of(sent(view))).contains(view);
    }

    private void refuseOne() {
        var granted = (Verdict.Granted) ((Next.Depart<String>) queue.next()).departure().verdict();
        granted.slot().sent();
        granted.slot().refused(new RateLimitSignal(RateLimitSignal.Kind.REQUEST_RATE,
                Optional.of(Duration.ofSeconds(20)), OptionalInt.of(30), OptionalInt.empty(), Optional.empty()));
    }

    @Test
    void whatANewerVersionAddsIsLeftOut() {
        FleetView view = FleetView.of(queue);
        ObjectNode json = (ObjectNode) sent(view);
        json.put("more", 1);
        ((ObjectNode) json.get("queue")).put("more", "words");
        assertThat(FleetView.of(json)).contains(view);
    }

    @Test
    void whatCannotBeReadIsNoView() {
        ObjectNode json = (ObjectNode) sent(FleetView.of(queue));
        ((ObjectNode) json.get("queue")).remove("keys");
        assertThat(FleetView.of(json)).isEmpty();
        assertThat(FleetView.of(JsonNodeFactory.instance.textNode("no view"))).isEmpty();
    }
}
