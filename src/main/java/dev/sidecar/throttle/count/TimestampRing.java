package dev.sidecar.throttle.count;

/**
 * The times of past sends, oldest first, in a ring that grows with its content and shrinks as the content expires.
 * Appending, dropping the oldest and reading any position are O(1) (amortised). Not thread-safe.
 */
public final class TimestampRing {

    private static final int SMALLEST = 64;

    /** The length is always a power of two. */
    private long[] stamps = new long[SMALLEST];
    private int first;
    private int size;

    public int size() {
        return size;
    }

    /** The stamp at this position; 0 is the oldest. */
    public long get(int position) {
        if (position < 0 || position >= size) {
            throw new IndexOutOfBoundsException("position " + position + " of " + size);
        }
        return stamps[(first + position) & (stamps.length - 1)];
    }

    /**
     * Appends a time. A time before the latest one is replaced by the latest, so that the ring stays in order.
     *
     * @return the appended time
     */
    public long append(long stamp) {
        if (size == stamps.length) {
            resize(stamps.length * 2);
        }
        long latest = size == 0 ? stamp : get(size - 1);
        long appended = stamp - latest < 0 ? latest : stamp;
        stamps[(first + size) & (stamps.length - 1)] = appended;
        size++;
        return appended;
    }

    /** Inserts a time at its place. The cost is the number of later stamps. */
    public void insert(long stamp) {
        append(stamp);
        for (int i = size - 1; i > 0 && get(i - 1) - stamp > 0; i--) {
            stamps[(first + i) & (stamps.length - 1)] = get(i - 1);
            stamps[(first + i - 1) & (stamps.length - 1)] = stamp;
        }
    }

    public void dropOldest() {
        first = (first + 1) & (stamps.length - 1);
        size--;
        if (stamps.length > SMALLEST && size <= stamps.length / 4) {
            resize(stamps.length / 2);
        }
    }

    /** Drops one stamp of exactly this time, if there is one. The cost is the number of later stamps. */
    public void drop(long stamp) {
        int at = size - 1;
        while (at >= 0 && get(at) - stamp > 0) {
            at--;
        }
        if (at < 0 || get(at) != stamp) {
            return;
        }
        for (int i = at; i < size - 1; i++) {
            stamps[(first + i) & (stamps.length - 1)] = get(i + 1);
        }
        size--;
    }

    /** How many stamps fit before it grows; tests use it to measure memory. */
    public int room() {
        return stamps.length;
    }

    private void resize(int length) {
        long[] moved = new long[length];
        for (int i = 0; i < size; i++) {
            moved[i] = get(i);
        }
        stamps = moved;
        first = 0;
    }
}
