package dev.sidecar.route.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.sidecar.call.Attempt;
import dev.sidecar.call.ClientCall;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever comes in by one door of the line leaves by that door, at once, whichever of them asks the budget. */
class ThrottleQueueTest {

    /** Far longer than anything here may take: who is forgotten until the next poll is late. */
    private static final Duration POLL = Duration.ofSeconds(10);
    private static final Duration LATE = Duration.ofSeconds(5);

    private final DefaultCamelContext camel = new DefaultCamelContext();

    @Test
    @Timeout(60)
    void everybodyLeavesByHisDoorAtOnce() throws Exception {
        var settings = new ThrottleSettings(1_000_000, 1_000_000, Pacing.WINDOW, 1000, Duration.ofSeconds(60),
                Duration.ofSeconds(60), false);
        var clock = NanoClock.system();
        var throttle = new Throttle<Exchange>(settings, clock);
        var departures = new Departures(throttle);
        var doors = List.of(departures.newQueue(), departures.newQueue(), departures.newQueue());
        var left = new ArrayList<BlockingQueue<Exchange>>();
        var pollers = new ArrayList<Thread>();
        for (var door : doors) {
            var out = new LinkedBlockingQueue<Exchange>();
            left.add(out);
            pollers.add(Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        var exchange = door.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
                        if (exchange != null) {
                            out.add(exchange);
                        }
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        var random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            var both = random.nextInt(4) == 0; // two at a time, for the one to be handed over while the other is taken
            var first = random.nextInt(doors.size());
            var second = random.nextInt(doors.size());
            var sent = enter(throttle, doors.get(first));
            var alsoSent = both ? enter(throttle, doors.get(second)) : null;
            assertThat(left.get(first).poll(LATE.toMillis(), TimeUnit.MILLISECONDS)).as("%d", i).isSameAs(sent);
            if (alsoSent != null) {
                assertThat(left.get(second).poll(LATE.toMillis(), TimeUnit.MILLISECONDS)).as("%d", i)
                        .isSameAs(alsoSent);
            }
        }
        assertThat(doors).allSatisfy(door -> assertThat(door.size()).isZero());
        pollers.forEach(Thread::interrupt);
    }

    private Exchange enter(Throttle<Exchange> throttle, ThrottleQueue door) {
        var exchange = new DefaultExchange(camel);
        if (throttle.admit(Priority.NORMAL, null) instanceof Admission.Queued<Exchange> queued) {
            var call = mock(ClientCall.class);
            when(call.attempt()).thenReturn(Attempt.queued(throttle, queued.ticket()));
            exchange.setProperty(ClientCall.PROPERTY, call);
            door.put(exchange);
            return exchange;
        }
        throw new AssertionError("there is room in the line");
    }
}
