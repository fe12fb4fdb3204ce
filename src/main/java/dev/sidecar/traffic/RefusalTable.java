package dev.sidecar.traffic;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests that the sidecar refused in the last hour, by reason, class and model. The hour slides in steps of a
 * minute. Clients choose the names of models, so their number is bounded, in each minute and in all.
 *
 * <p>Thread-safe: one lock, held for a look-up.
 */
public final class RefusalTable {

    static final int MOST_ROWS = 50;
    static final String OTHER = "other";
    private static final int MINUTES = 60;
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final NanoClock clock;
    private final long start;
    /** The latest last, each with something in it. */
    private final ArrayDeque<Minute> minutes = new ArrayDeque<>(MINUTES);

    RefusalTable(NanoClock clock) {
        this.clock = clock;
        this.start = clock.nanoTime();
    }

    private record Key(Refusal.Reason reason, Priority priority, @Nullable String model) {

        Key ofOthers() {
            return new Key(reason, priority, OTHER);
        }
    }

    /** @param latest when the latest of them was refused */
    private record Cell(long count, long latest) {

        Cell plus(Cell other) {
            return new Cell(count + other.count, Math.max(latest, other.latest));
        }
    }

    private record Minute(long number, Map<Key, Cell> cells) {
    }

    /** @param model the requested model, null if unknown */
    public void refused(Refusal.Reason reason, Priority priority, @Nullable String model) {
        long now = clock.nanoTime() - start;
        var key = new Key(reason, priority, model);
        synchronized (minutes) {
            var cells = minute(now).cells;
            var known = cells.containsKey(key) || cells.size() < MOST_ROWS;
            cells.merge(known ? key : key.ofOthers(), new Cell(1, now), Cell::plus);
        }
    }

    private Minute minute(long now) {
        long number = now / MINUTE;
        forget(number);
        if (minutes.isEmpty() || minutes.getLast().number != number) {
            minutes.addLast(new Minute(number, new HashMap<>()));
        }
        return minutes.getLast();
    }

    private void forget(long number) {
        while (!minutes.isEmpty() && minutes.getFirst().number <= number - MINUTES) {
            minutes.removeFirst();
        }
    }

    /** The busiest {@value #MOST_ROWS} first, then the sums of all others by reason and class. */
    public List<Row> lastHour() {
        long now = clock.nanoTime() - start;
        var all = new HashMap<Key, Cell>();
        synchronized (minutes) {
            forget(now / MINUTE);
            minutes.forEach(minute -> minute.cells.forEach((key, cell) -> all.merge(key, cell, Cell::plus)));
        }
        return rows(all, now);
    }

    private static List<Row> rows(Map<Key, Cell> all, long now) {
        var ranked = new ArrayList<>(all.entrySet());
        ranked.sort(Map.Entry.comparingByValue(Comparator.comparingLong(Cell::count).thenComparingLong(Cell::latest)
                .reversed()));
        var told = new HashMap<Key, Cell>();
        for (int i = 0; i < ranked.size(); i++) {
            var key = ranked.get(i).getKey();
            told.merge(i < MOST_ROWS ? key : key.ofOthers(), ranked.get(i).getValue(), Cell::plus);
        }
        return told.entrySet().stream().map(entry -> row(entry.getKey(), entry.getValue(), now))
                .sorted(Comparator.comparingLong(Row::count).reversed().thenComparing(Row::last)).toList();
    }

    private static Row row(Key key, Cell cell, long now) {
        return new Row(key.reason, key.priority, key.model, cell.count, Duration.ofNanos(now - cell.latest));
    }

    /**
     * @param model null if unknown; {@value #OTHER} for all that have no row of their own
     * @param last since the latest of them
     */
    public record Row(Refusal.Reason reason, Priority priority, @Nullable String model, long count, Duration last) {
    }
}
