package dev.sidecar.ops;

import static dev.sidecar.ops.HistoryRange.DAY;
import static dev.sidecar.ops.HistoryRange.FIFTEEN_MINUTES;
import static dev.sidecar.ops.HistoryRange.FIVE_MINUTES;
import static dev.sidecar.ops.HistoryRange.HOUR;
import static dev.sidecar.ops.HistoryRange.SIX_HOURS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.ops.HistoryPoint.ClassPoint;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.traffic.Classes.Interval;
import dev.sidecar.traffic.Traffic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What the server remembers for whoever looks later. */
class HistoryTest {

    private static final ThrottleSettings SETTINGS = new ThrottleSettings(40, 40, Pacing.WINDOW, 500,
            Duration.ofSeconds(60), Duration.ofSeconds(2), false);

    private long nanos;
    private final Throttle<String> throttle = new Throttle<>(SETTINGS, () -> nanos);
    private final Traffic traffic = new Traffic(() -> nanos);
    private final History history = new History(Clock.fixed(Instant.ofEpochMilli(1_500), ZoneOffset.UTC), throttle,
            traffic, () -> new History.Deadlines(Duration.ofSeconds(150), Duration.ofSeconds(2)));

    @Test
    void aPointHoldsWhatHappenedSinceTheOneBefore() {
        traffic.throttled();
        sample();
        traffic.throttled();
        traffic.passthrough();
        traffic.rateLimited();
        traffic.upstream429();
        traffic.upstream429();
        traffic.upstreamError();
        traffic.streamBegun();
        traffic.classes().granted(Priority.HIGH, Duration.ofMillis(100));
        traffic.classes().granted(Priority.HIGH, Duration.ofMillis(300));
        traffic.classes().answered(Priority.LOW);
        enqueue();
        nanos += Duration.ofSeconds(4).toNanos();
        var point = sample();
        assertThat(point.sequence()).isEqualTo(2);
        assertThat(point.timestamp()).isEqualTo("1.500");
        assertThat(point.requests()).isEqualTo(2);
        assertThat(point.ratelimited()).isEqualTo(1);
        assertThat(point.upstream429s()).isEqualTo(2);
        assertThat(point.upstreamErrors()).isEqualTo(1);
        assertThat(point.effectiveRpm()).isEqualTo(40.0);
        assertThat(point.streams()).isEqualTo(1);
        assertThat(point.perPriority()).containsOnlyKeys("high", "normal", "low")
                .containsEntry("high", new ClassPoint(2, 0, 0, 200, 300, 0))
                .containsEntry("normal", new ClassPoint(0, 0, 1, 0, 0, 4_000))
                .containsEntry("low", new ClassPoint(0, 1, 0, 0, 0, 0));
        traffic.streamEnded();
        var next = sample();
        assertThat(next.requests() + next.upstream429s() + next.streams()).isZero();
        assertThat(next.perPriority().get("high")).isEqualTo(new ClassPoint(0, 0, 0, 0, 0, 0));
    }

    @Test
    void fifteenMinutesAreKeptAndNoMore() {
        assertThat(history.latest()).isNull();
        for (int i = 0; i < 500; i++) {
            sample();
        }
        assertThat(History.EVERY.multipliedBy(History.POINTS)).isEqualTo(Duration.ofMinutes(15));
        assertThat(history.points(FIFTEEN_MINUTES)).extracting(HistoryPoint::sequence)
                .containsExactlyElementsOf(LongStream.rangeClosed(321, 500).boxed().toList());
        assertThat(history.latest()).isSameAs(history.points(FIFTEEN_MINUTES).getLast());
    }

    @Test
    void theLastMinuteIsTheSumOfItsPoints() {
        assertThat(history.lastMinute()).isEmpty();
        for (int i = 1; i <= 20; i++) {
            traffic.classes().granted(Priority.LOW, Duration.ofMillis(i));
            sample();
        }
        var minute = history.lastMinute();
        assertThat(minute).containsKeys(Priority.values());
        var low = minute.getOrDefault(Priority.LOW, Interval.NOTHING);
        assertThat(low.granted()).isEqualTo(12);
        assertThat(low.longest()).isEqualTo(Duration.ofMillis(20));
        assertThat(low.meanWait()).isEqualTo(Duration.ofNanos(14_500_000)); // 9 to 20 ms
        assertThat(minute).containsEntry(Priority.HIGH, Interval.NOTHING);
    }

    @Test
    void aMinuteIsTheSumOfItsEventsAndTheMeanOfItsStates() {
        for (int i = 0; i < 12; i++) {
            traffic.throttled();
            traffic.upstream429();
            traffic.classes().granted(Priority.HIGH, Duration.ofMillis(i < 11 ? 100 : 1_300));
            if (i == 6) {
                enqueue();
                enqueue();
            }
            nanos += Duration.ofSeconds(5).toNanos();
            sample();
        }
        assertThat(history.points(HOUR)).hasSize(1).first().satisfies(minute -> {
            assertThat(minute.sequence()).isEqualTo(1);
            assertThat(minute.requests()).isEqualTo(12);
            assertThat(minute.upstream429s()).isEqualTo(12);
            assertThat(minute.effectiveRpm()).isEqualTo(40.0);
            assertThat(minute.perPriority()).containsEntry("high", new ClassPoint(12, 0, 0, 200, 1_300, 0))
                    .containsEntry("normal", new ClassPoint(0, 0, 1, 0, 0, 30_000));
        });
    }

    @Test
    void theMinuteThatIsNotOverIsTheLast() {
        for (int i = 0; i < 13; i++) {
            traffic.throttled();
            sample();
        }
        assertThat(history.points(HOUR)).extracting(HistoryPoint::requests).containsExactly(12L, 1L);
        assertThat(history.points(HOUR)).extracting(HistoryPoint::sequence).containsExactly(1L, 2L);
        traffic.throttled();
        sample();
        assertThat(history.points(HOUR)).extracting(HistoryPoint::requests).containsExactly(12L, 2L);
        assertThat(history.points(HOUR)).extracting(HistoryPoint::sequence).containsExactly(1L, 2L);
    }

    @Test
    void aDayIsKeptAndNoMore() {
        for (int i = 0; i < 25 * 60 * 12 + 1; i++) {
            sample();
        }
        assertThat(history.points(FIVE_MINUTES)).hasSize(60);
        assertThat(history.points(FIFTEEN_MINUTES)).hasSize(180);
        assertThat(history.points(HOUR)).hasSize(60);
        assertThat(history.points(SIX_HOURS)).hasSize(360);
        assertThat(history.points(DAY)).extracting(HistoryPoint::sequence)
                .containsExactlyElementsOf(LongStream.rangeClosed(62, 1501).boxed().toList());
    }

    private void enqueue() {
        var ticket = ((Admission.Queued<String>) throttle.admit(Priority.NORMAL, null)).ticket();
        throttle.enqueue(ticket, "waits");
    }

    private HistoryPoint sample() {
        history.sample();
        return history.points(FIFTEEN_MINUTES).getLast();
    }
}
