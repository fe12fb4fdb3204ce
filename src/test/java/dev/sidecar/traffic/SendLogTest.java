package dev.sidecar.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.order.Priority;
import dev.sidecar.traffic.SendLog.Bin;
import dev.sidecar.traffic.SentRequest.Outcome;
import dev.sidecar.traffic.SentRequest.Send;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What was sent within the last window, one by one or by the second. */
class SendLogTest {

    private static final Duration AT_ONCE = Duration.ZERO;

    /** Near the overflow of the clock. */
    private long nanos = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos();
    private final SendLog log = new SendLog(() -> nanos);

    @Test
    void theLatestIsTheFirst() {
        log.sent(Priority.HIGH, "a", null, Duration.ofSeconds(3), AT_ONCE);
        pass(Duration.ofSeconds(2));
        log.sent(Priority.LOW, null, null, AT_ONCE, AT_ONCE);
        pass(Duration.ofSeconds(1));
        assertThat(log.recent().sends()).containsExactly(
                new Send(Duration.ofSeconds(1), Priority.LOW, null, null, AT_ONCE, Outcome.RUNNING),
                new Send(Duration.ofSeconds(3), Priority.HIGH, "a", null, Duration.ofSeconds(3), Outcome.RUNNING));
        assertThat(log.recent().bins()).isEmpty();
    }

    @Test
    void aRequestIsHereAsLongAsTheProviderMayCountIt() {
        log.sent(Priority.NORMAL, "unanswered", null, AT_ONCE, AT_ONCE);
        var answered = log.sent(Priority.NORMAL, "answered", null, AT_ONCE, AT_ONCE);
        log.sent(Priority.NORMAL, "slow upload", null, AT_ONCE, Duration.ofSeconds(5));
        pass(Duration.ofMillis(200));
        answered.answered(200);
        pass(Duration.ofSeconds(60).minusNanos(1));
        assertThat(models()).containsExactly("slow upload", "answered", "unanswered");
        pass(Duration.ofNanos(1));
        assertThat(models()).containsExactly("slow upload", "unanswered");
        pass(Duration.ofMillis(400));
        assertThat(models()).containsExactly("slow upload");
        pass(Duration.ofSeconds(5));
        assertThat(models()).isEmpty();
    }

    @Test
    void aLateResponseDoesNotKeepItLonger() {
        var sent = log.sent(Priority.NORMAL, "m", null, AT_ONCE, AT_ONCE);
        pass(Duration.ofSeconds(40));
        sent.answered(200);
        pass(Duration.ofMillis(20_600));
        assertThat(models()).isEmpty();
    }

    @Test
    void theOutcomeIsThatOfTheResponseOrItsEnd() {
        assertThat(outcome(sent -> {
        })).isEqualTo(Outcome.RUNNING);
        assertThat(outcome(sent -> sent.answered(200))).isEqualTo(Outcome.RUNNING);
        assertThat(outcome(sent -> {
            sent.answered(200);
            sent.ended();
        })).isEqualTo(Outcome.DONE);
        assertThat(outcome(sent -> {
            sent.answered(404);
            sent.ended();
        })).isEqualTo(Outcome.DONE);
        assertThat(outcome(sent -> {
            sent.answered(429);
            sent.ended();
        })).isEqualTo(Outcome.REFUSED);
        assertThat(outcome(sent -> {
            sent.answered(503);
            sent.ended();
        })).isEqualTo(Outcome.FAILED);
        assertThat(outcome(sent -> {
            sent.failed();
            sent.ended();
        })).isEqualTo(Outcome.FAILED);
        assertThat(outcome(sent -> {
            sent.ended();
            sent.failed();
        })).isEqualTo(Outcome.DONE);
    }

    @Test
    void manyAreCountedByTheSecond() {
        for (int i = 0; i < SendLog.MOST; i++) {
            log.sent(i % 4 == 0 ? Priority.HIGH : Priority.NORMAL, "m", null, AT_ONCE, AT_ONCE);
        }
        assertThat(log.recent().sends()).hasSize(SendLog.MOST);
        pass(Duration.ofMillis(2_500));
        log.sent(Priority.LOW, "m", null, AT_ONCE, AT_ONCE);
        assertThat(log.recent().sends()).isEmpty();
        assertThat(log.recent().bins()).containsExactly(new Bin(Duration.ZERO, 0, 0, 1),
                new Bin(Duration.ofMillis(1_500), 50, 150, 0));
        pass(Duration.ofSeconds(59));
        assertThat(log.recent().sends()).as("the many have come back").hasSize(1);
    }

    /** 4,000 a minute, for an hour: each second of the last window has its count, and no other has. */
    @Test
    void theCountsFollowTheTime() {
        for (int second = 0; second < 3_600; second++) {
            for (int i = 0; i < 67; i++) {
                log.sent(Priority.NORMAL, "m", null, AT_ONCE, AT_ONCE);
            }
            pass(Duration.ofSeconds(1));
        }
        pass(Duration.ofMillis(-500));
        var bins = log.recent().bins();
        assertThat(bins).hasSize(61).allMatch(bin -> bin.normal() == 67 && bin.high() + bin.low() == 0);
        assertThat(bins.getLast().age()).isEqualTo(Duration.ofMillis(59_500));
        pass(Duration.ofSeconds(30));
        assertThat(log.recent().bins()).hasSize(31);
        pass(Duration.ofDays(3));
        assertThat(log.recent()).isEqualTo(new SendLog.Sends(List.of(), List.of()));
    }

    private Outcome outcome(Consumer<SentRequest> events) {
        events.accept(log.sent(Priority.HIGH, "m", null, AT_ONCE, AT_ONCE));
        return log.recent().sends().getFirst().outcome();
    }

    private List<String> models() {
        return log.recent().sends().stream().map(send -> String.valueOf(send.model())).toList();
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }
}
