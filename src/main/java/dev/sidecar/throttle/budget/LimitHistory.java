package dev.sidecar.throttle.budget;

import dev.sidecar.throttle.budget.LimitSpan.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pauses, cuts and learned limits of the last window, for a picture of it. A new span begins with each change of
 * the rate. Not thread-safe, no clock; all times in nanoseconds.
 */
final class LimitHistory {

    /** A rate that changes more often leaves only its latest spans. */
    static final int MOST = 64;

    private final ArrayDeque<Span> past = new ArrayDeque<>();
    private final Track rate = new Track();
    private final Track learned = new Track();
    private @Nullable Span pause;

    /** A span with a known end. */
    private record Span(Kind kind, long from, long to, double rpm) {

        boolean isOver(long now) {
            return to - now <= 0;
        }

        LimitSpan seen(long now) {
            return new LimitSpan(kind, Duration.ofNanos(from - now), Optional.of(Duration.ofNanos(to - now)), rpm);
        }
    }

    /** Compares with what was noted last; to be called after each change, and as often as you like. */
    void note(Retreat retreat, long pausedUntil, long now) {
        rate.note(switch (retreat.state()) {
            case NORMAL -> null;
            case RETREAT -> Kind.RETREAT;
            case RECOVER -> Kind.RECOVER;
        }, retreat.level(), now);
        learned.note(retreat.limit() < retreat.base() ? Kind.LEARNED : null, retreat.limit(), now);
        notePause(pausedUntil, now);
    }

    private void notePause(long until, long now) {
        if (until - now <= 0 || pause != null && pause.to == until) {
            return;
        }
        long from = now;
        if (pause != null) {
            if (pause.isOver(now)) {
                keep(pause);
            } else {
                from = pause.from; // it was made longer
            }
        }
        pause = new Span(Kind.PAUSE, from, until, 0);
    }

    private void keep(Span over) {
        if (past.size() == MOST) {
            past.removeFirst();
        }
        past.addLast(over);
    }

    /** All that reach into the last window, and the known future. */
    List<LimitSpan> spans(long now) {
        past.removeIf(span -> now - span.to > BudgetRule.SPAN);
        var spans = new ArrayList<LimitSpan>(past.size() + 3);
        past.forEach(span -> spans.add(span.seen(now)));
        if (pause != null && now - pause.to <= BudgetRule.SPAN) {
            spans.add(pause.seen(now));
        }
        rate.addTo(spans, now);
        learned.addTo(spans, now);
        return spans;
    }

    /** One thing that is in force or not, with a rate. */
    private final class Track {

        private @Nullable Kind kind;
        private double rpm;
        private long since;

        void note(@Nullable Kind newKind, double newRpm, long now) {
            if (newKind == kind && (newKind == null || newRpm == rpm)) {
                return;
            }
            if (kind != null && now - since > 0) {
                keep(new Span(kind, since, now, rpm));
            }
            kind = newKind;
            rpm = newRpm;
            since = now;
        }

        void addTo(List<LimitSpan> spans, long now) {
            if (kind != null) {
                spans.add(new LimitSpan(kind, Duration.ofNanos(since - now), Optional.empty(), rpm));
            }
        }
    }
}
