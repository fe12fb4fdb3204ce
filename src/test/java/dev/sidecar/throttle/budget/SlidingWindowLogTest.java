package dev.sidecar.throttle.budget;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlidingWindowLogTest {

    private static final long MINUTE = 60 * SECOND;
    private static final long GUARD = 600 * MILLI;

    private final SlidingWindowLog log = new SlidingWindowLog();

    @ParameterizedTest
    @ValueSource(longs = {0, -SECOND, Long.MAX_VALUE, Long.MAX_VALUE - 30 * SECOND, Long.MIN_VALUE})
    void anAnswerWithinTheGuardSaysWhenTheRequestMustHaveArrived(long sentAt) {
        SlidingWindowLog.Sent sent = log.sent(0, sentAt);
        long answeredAt = sentAt + 200 * MILLI;
        log.answered(sent, answeredAt);
        assertThat(log.count(answeredAt + MINUTE - 1)).isEqualTo(1);
        assertThat(log.expiry(0, answeredAt + SECOND)).isEqualTo(answeredAt + MINUTE);
        assertThat(log.count(answeredAt + MINUTE)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -SECOND, Long.MAX_VALUE, Long.MAX_VALUE - 30 * SECOND, Long.MIN_VALUE})
    void withoutAnAnswerItMustHaveArrivedAfterTheGuard(long sentAt) {
        log.sent(0, sentAt);
        assertThat(log.count(sentAt + GUARD - 1)).isEqualTo(1);
        assertThat(log.expiry(0, sentAt + GUARD - 1)).isEqualTo(sentAt + GUARD - 1 + MINUTE);
        assertThat(log.count(sentAt + GUARD + MINUTE - 1)).isEqualTo(1);
        assertThat(log.count(sentAt + GUARD + MINUTE)).isZero();
    }

    /** What is buffered on the way when the last byte has been written may take as long as the writing did. */
    @Test
    void theGuardGrowsWithTheTimeThatTheWritingTook() {
        log.sent(8 * SECOND, 0);
        log.sent(0, SECOND);
        assertThat(log.count(MINUTE + SECOND + GUARD - 1)).isEqualTo(2);
        assertThat(log.count(MINUTE + SECOND + GUARD)).isEqualTo(1);
        assertThat(log.expiry(0, MINUTE + SECOND + GUARD)).isEqualTo(MINUTE + 8 * SECOND);
        assertThat(log.count(MINUTE + 8 * SECOND)).isZero();
        log.sent(600 * SECOND, 5 * MINUTE);
        assertThat(log.count(7 * MINUTE - 1)).isEqualTo(1);
        assertThat(log.count(7 * MINUTE)).isZero();
    }

    @Test
    void anAnswerAfterTheGuardAndASecondAnswerChangeNothing() {
        SlidingWindowLog.Sent slow = log.sent(0, 0);
        log.answered(slow, 30 * SECOND);
        SlidingWindowLog.Sent quick = log.sent(0, 30 * SECOND);
        log.answered(quick, 30 * SECOND + 100 * MILLI);
        log.answered(quick, 30 * SECOND + 200 * MILLI);
        assertThat(log.count(MINUTE + GUARD - 1)).isEqualTo(2);
        assertThat(log.count(MINUTE + GUARD)).isEqualTo(1);
        assertThat(log.count(90 * SECOND + 100 * MILLI)).isZero();
    }

    @Test
    void theOneSentLastMayBeTheFirstToLeave() {
        log.sent(0, 0);
        SlidingWindowLog.Sent second = log.sent(0, 100 * MILLI);
        log.answered(second, 150 * MILLI);
        assertThat(log.expiry(0, 200 * MILLI)).isEqualTo(150 * MILLI + MINUTE);
        assertThat(log.count(150 * MILLI + MINUTE)).isEqualTo(1);
        assertThat(log.count(GUARD + MINUTE)).isZero();
    }

    @Test
    void whatIsTakenForLaterCountsFromNowOnAndUntilAMinuteAfterItMustHaveArrived() {
        log.take(2, 10 * SECOND);
        assertThat(log.count(0)).isEqualTo(2);
        assertThat(log.expiry(1, 0)).isEqualTo(10 * SECOND + GUARD + MINUTE);
        assertThat(log.count(10 * SECOND + GUARD + MINUTE - 1)).isEqualTo(2);
        assertThat(log.count(10 * SECOND + GUARD + MINUTE)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -SECOND, Long.MAX_VALUE, Long.MAX_VALUE - 30 * SECOND, Long.MIN_VALUE})
    void whatIsForgottenIsAsIfItHadNeverBeenSent(long sentAt) {
        log.forget(log.sent(0, sentAt), sentAt + 1);
        SlidingWindowLog.Sent arrived = log.sent(0, sentAt + 2);
        log.sent(0, sentAt + 3);
        log.forget(arrived, sentAt + SECOND);
        assertThat(log.count(sentAt + SECOND)).isEqualTo(1);
        assertThat(log.expiry(0, sentAt + SECOND)).isEqualTo(sentAt + 3 + GUARD + MINUTE);
        SlidingWindowLog.Sent late = log.sent(0, sentAt + 2 * SECOND);
        assertThat(log.count(sentAt + 3 * MINUTE)).isZero();
        log.forget(late, sentAt + 3 * MINUTE);
        assertThat(log.count(sentAt + 3 * MINUTE)).isZero();
    }

    @Property(tries = 300)
    void itCountsWhatAPlainListCounts(@ForAll long seed) {
        var random = new Random(seed);
        long now = List.of(0L, -1L, Long.MAX_VALUE - random.nextInt(200) * SECOND, random.nextLong())
                .get(random.nextInt(4));
        var compared = new SlidingWindowLog();
        var plain = new Plain();
        List<SlidingWindowLog.Sent> sent = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            switch (random.nextInt(11)) {
                case 10 -> {
                    int each = random.nextInt(sent.size() + 1);
                    if (each < sent.size() && !plain.sent.get(each).forgotten) {
                        compared.forget(sent.get(each), now);
                        plain.forget(each, now);
                    }
                }
                case 0, 1, 2, 3 -> {
                    sent.add(compared.sent(0, now));
                    plain.sent.add(new Request(now));
                }
                case 4, 5, 6 -> {
                    int each = random.nextInt(sent.size() + 1);
                    if (each < sent.size() && !plain.sent.get(each).forgotten) {
                        compared.answered(sent.get(each), now);
                        plain.answered(each, now);
                    }
                }
                case 7 -> {
                    int count = random.nextInt(3);
                    long at = now + (random.nextInt(3) == 0 ? random.nextInt(90) * SECOND : 0);
                    compared.take(count, at);
                    plain.take(count, at);
                }
                case 8 -> now += random.nextInt(400) * MILLI;
                default -> now += random.nextInt(8) == 0 ? random.nextInt(70) * SECOND : 1;
            }
            plain.learn(now);
            List<Long> expiries = new ArrayList<>();
            for (int position = 0; position < compared.count(now); position++) {
                expiries.add(compared.expiry(position, now));
            }
            assertThat(expiries).isEqualTo(plain.expiries(now));
            assertThat(compared.expiry(expiries.size(), now)).isEqualTo(now + MINUTE);
        }
    }

    private static final class Request {
        final long sentAt;
        @Nullable
        Long answeredAt;
        boolean known;
        boolean forgotten;
        long arrival;

        Request(long sentAt) {
            this.sentAt = sentAt;
        }

        long arrivedBy() {
            return answeredAt != null && answeredAt - sentAt < GUARD ? answeredAt : sentAt + GUARD;
        }
    }

    /** All requests ever sent, and the times by which those must have arrived of which that is known by now. */
    private static final class Plain {
        final List<Request> sent = new ArrayList<>();
        final List<Long> arrivals = new ArrayList<>();

        void answered(int each, long now) {
            Request request = sent.get(each);
            if (request.answeredAt == null) {
                request.answeredAt = now;
            }
        }

        void take(int count, long at) {
            for (int i = 0; i < count; i++) {
                add(at + GUARD);
            }
        }

        /** Where two arrived at the same time it does not matter which is left. */
        void forget(int each, long now) {
            learn(now);
            Request request = sent.get(each);
            request.forgotten = true;
            if (request.known) {
                arrivals.remove(request.arrival);
            }
            request.known = true;
        }

        void learn(long now) {
            sent.stream().filter(r -> !r.known && (r.answeredAt != null || now - r.sentAt >= GUARD))
                    .sorted(Comparator.comparingLong(r -> r.arrivedBy() - now)).forEach(r -> {
                        r.known = true;
                        r.arrival = add(r.arrivedBy());
                    });
        }

        /** What comes after something that is reserved for later counts as long as that. */
        private long add(long arrival) {
            arrivals.add(arrivals.isEmpty() || arrival - arrivals.getLast() > 0 ? arrival : arrivals.getLast());
            return arrivals.getLast();
        }

        List<Long> expiries(long now) {
            var expiries = new ArrayList<>(
                    arrivals.stream().map(a -> a + MINUTE).filter(expiry -> expiry - now > 0).toList());
            sent.stream().filter(r -> !r.known).forEach(_ -> expiries.add(now + MINUTE));
            return expiries;
        }
    }
}
