package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.LimitSpan;
import dev.sidecar.throttle.order.StartBin;
import dev.sidecar.traffic.SendLog;
import dev.sidecar.traffic.SendLog.Sends;
import dev.sidecar.traffic.SentRequest.Send;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The budget over time: what was sent, what is expected to start, and what held the budget down.
 *
 * @param windowSeconds for how long a sent request counts at most
 * @param sent the requests whose slots have not come back, the latest first; empty if there are more than {@value
 *        SendLog#MOST}
 * @param sentBins the same by the second, if there are more
 * @param waitingBins the requests behind those of {@code line}, by the second in which they probably start
 * @param spans pauses, cuts and learned limits
 */
record Timeline(double windowSeconds, List<Sent> sent, List<SentBin> sentBins, List<WaitingBin> waitingBins,
        List<Span> spans) {

    static Timeline of(Sends sends, List<StartBin> later, List<LimitSpan> spans) {
        return new Timeline(BudgetRule.SPAN / 1e9, sends.sends().stream().map(Sent::of).toList(),
                sends.bins().stream().map(SentBin::of).toList(), later.stream().map(WaitingBin::of).toList(),
                spans.stream().map(Span::of).toList());
    }

    /**
     * A sent request.
     *
     * @param model absent if unknown
     * @param key the name of the key that paid, absent where there is only one
     * @param waitSeconds its time in the queue
     * @param outcome {@code running}, {@code done}, {@code refused} or {@code failed}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Sent(double ageSeconds, String priority, @Nullable String model, @Nullable String key,
            double waitSeconds, String outcome) {

        static Sent of(Send send) {
            return new Sent(hundredths(send.age()), send.priority().label(), send.model(), send.key(),
                    hundredths(send.waited()), send.outcome().label());
        }
    }

    /**
     * The requests sent within one second.
     *
     * @param ageSeconds since the end of that second
     */
    record SentBin(double ageSeconds, int high, int normal, int low) {

        static SentBin of(SendLog.Bin bin) {
            return new SentBin(hundredths(bin.age()), bin.high(), bin.normal(), bin.low());
        }
    }

    /**
     * The requests that probably start within one second.
     *
     * @param startSeconds until the beginning of that second; the largest value has no end, and also counts the requests
     *        without an estimate
     */
    record WaitingBin(int startSeconds, int high, int normal, int low) {

        static WaitingBin of(StartBin bin) {
            return new WaitingBin(bin.seconds(), bin.high(), bin.normal(), bin.low());
        }
    }

    /**
     * A time during which something held the budget down.
     *
     * @param kind {@code pause}, {@code retreat}, {@code recover} or {@code learned}
     * @param fromSeconds from now; negative in the past
     * @param toSeconds absent while the end is unknown
     * @param rpm the rate in force or learned; 0 in a pause
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Span(String kind, double fromSeconds, @Nullable Double toSeconds, double rpm) {

        static Span of(LimitSpan span) {
            return new Span(span.kind().name().toLowerCase(Locale.ROOT), hundredths(span.from()),
                    span.to().map(Timeline::hundredths).orElse(null), Figures.tenths(span.rpm()));
        }
    }

    /** In seconds: a tenth would show as a jerk in a moving picture. */
    private static double hundredths(Duration duration) {
        return Math.round(duration.toNanos() / 1e7) / 100.0;
    }
}
