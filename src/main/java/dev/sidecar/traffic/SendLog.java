package dev.sidecar.traffic;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.traffic.SentRequest.Send;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests sent in the last window whose slots have not come back: one by one while they are few, by the second when
 * they are many. Its size does not depend on the traffic.
 *
 * <p>Thread-safe: one lock, held for a few writes.
 */
public final class SendLog {

    /** So many are told one by one. */
    public static final int MOST = 200;

    private static final long SECOND = 1_000_000_000L;
    private static final int SECONDS = (int) (BudgetRule.SPAN / SECOND) + 1;
    private static final int CLASSES = Priority.values().length;

    private final NanoClock clock;
    private final long start;
    /** One more than is told, so that one knows when there are more. */
    private final @Nullable SentRequest[] latest = new SentRequest[MOST + 1];
    private int next;
    private final int[][] counts = new int[SECONDS][CLASSES];
    /** The latest second that was counted; each second has its row, which the same second of the next round takes. */
    private long second;

    SendLog(NanoClock clock) {
        this.clock = clock;
        this.start = clock.nanoTime();
    }

    /**
     * The last byte of a request has been written.
     *
     * @param key the name of the key that paid, null where there is only one
     * @param waited its time in the queue
     * @param writing the time since its first byte
     */
    public SentRequest sent(Priority priority, @Nullable String model, @Nullable String key, Duration waited,
            Duration writing) {
        var sent = new SentRequest(clock, priority, model, key, waited, writing);
        synchronized (counts) {
            latest[next] = sent;
            next = (next + 1) % latest.length;
            row(clock.nanoTime())[column(priority)]++;
        }
        return sent;
    }

    private static int column(Priority priority) {
        return switch (priority) {
            case HIGH -> 0;
            case NORMAL -> 1;
            case LOW -> 2;
        };
    }

    private int[] row(long now) {
        long current = (now - start) / SECOND;
        for (long each = Math.max(second + 1, current - SECONDS + 1); each <= current; each++) {
            counts[(int) (each % SECONDS)] = new int[CLASSES];
        }
        second = Math.max(second, current);
        return counts[(int) (second % SECONDS)];
    }

    /** Those whose slots have not come back. */
    public Sends recent() {
        long now = clock.nanoTime();
        synchronized (counts) {
            row(now);
            var sends = new ArrayList<Send>(MOST);
            for (int i = 1; i <= latest.length; i++) {
                var sent = latest[Math.floorMod(next - i, latest.length)];
                if (sent == null || sent.isReturned(now)) {
                    continue;
                }
                if (sends.size() == MOST) {
                    return new Sends(List.of(), bins(now));
                }
                sends.add(sent.seen(now));
            }
            return new Sends(sends, List.of());
        }
    }

    private List<Bin> bins(long now) {
        var bins = new ArrayList<Bin>();
        for (int i = 0; i < SECONDS && second - i >= 0; i++) {
            var count = counts[(int) ((second - i) % SECONDS)];
            var age = now - (start + (second - i + 1) * SECOND);
            if (count[0] + count[1] + count[2] > 0) {
                bins.add(new Bin(Duration.ofNanos(Math.max(0, age)), count[0], count[1], count[2]));
            }
        }
        return bins;
    }

    /**
     * Either list is empty.
     *
     * @param sends one by one, the latest first
     * @param bins by the second, the latest first
     */
    public record Sends(List<Send> sends, List<Bin> bins) {

        public Sends {
            sends = List.copyOf(sends);
            bins = List.copyOf(bins);
        }
    }

    /** @param age since the end of that second */
    public record Bin(Duration age, int high, int normal, int low) {
    }
}
