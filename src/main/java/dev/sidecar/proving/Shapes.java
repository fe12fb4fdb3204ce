package dev.sidecar.proving;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** The shapes that the sidecar is proved against, for a limit of so many requests a minute (1 to 1,000,000). */
public final class Shapes {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int PARTS = 6;
    private static final int WORKERS = 32;
    private static final int BUSY_WORKERS = 24;

    private Shapes() {
    }

    /** All of them; the limit must be at least 6, which the sub-window shape asks for. */
    public static List<Shape> all(int limit) {
        return List.of(slidingLog(limit), strictSlidingLog(limit), fixedWindow(limit), firstHitWindow(limit),
                slidingCounter(limit), tokenBucket(limit, limit), tokenBucket(limit, 7), tokenBucket(limit, 2),
                subWindow(limit), moving(limit, Duration.ofMinutes(40)), shared(slidingLog(limit), limit / 3),
                workerCap(slidingLog(limit), WORKERS, BUSY_WORKERS));
    }

    public static Shape slidingLog(int limit) {
        return steady("sliding-log", limit, (_, _) -> new SlidingLogLimit(limit, MINUTE));
    }

    public static Shape strictSlidingLog(int limit) {
        return steady("strict-sliding-log", limit, (_, _) -> new StrictSlidingLogLimit(limit, MINUTE));
    }

    /** Its edges are anywhere. */
    public static Shape fixedWindow(int limit) {
        return steady("fixed-window", limit,
                (random, start) -> new FixedWindowLimit(limit, MINUTE, edge(random, start)));
    }

    public static Shape firstHitWindow(int limit) {
        return steady("first-hit-window", limit, (_, _) -> new FirstHitWindowLimit(limit, MINUTE));
    }

    /** Its edges are anywhere. */
    public static Shape slidingCounter(int limit) {
        return steady("sliding-counter", limit,
                (random, start) -> new SlidingCounterLimit(limit, MINUTE, edge(random, start)));
    }

    /** Named {@code token-bucket} where the capacity is a whole minute's, otherwise for instance {@code token-bucket-2}. */
    public static Shape tokenBucket(int limit, int capacity) {
        return steady(capacity == limit ? "token-bucket" : "token-bucket-" + capacity, limit,
                (_, _) -> new TokenBucketLimit(capacity, limit));
    }

    /** Enforced in aligned parts of 10 s whose edges are anywhere; the limit must be at least 6. */
    public static Shape subWindow(int limit) {
        return steady("sub-window", SubWindowLimit.allowed(limit, PARTS),
                (random, start) -> new SubWindowLimit(limit, MINUTE, PARTS, edge(random, start)));
    }

    /** A sliding log whose limit falls to five eighths and comes back: 40, 25, 40, each of the first two for so long. */
    public static Shape moving(int limit, Duration each) {
        Schedule rate = new Schedule(List.of(new Schedule.Step(Duration.ZERO, limit),
                new Schedule.Step(each, Math.max(1, limit * 5 / 8)), new Schedule.Step(each.multipliedBy(2), limit)));
        return new Shape("moving", rate,
                (_, start) -> new MovingLimit(new SlidingLogLimit(limit, MINUTE), rate, start));
    }

    /** The same with a second user who asks so many times a minute. */
    public static Shape shared(Shape shape, int perMinute) {
        return new Shape("shared-" + shape.name(), shape.rate(),
                (random, start) -> new SharedLimit(shape.start(random, start), perMinute, random, start));
    }

    /** The same on models with so many workers, of which others keep about so many busy. */
    public static Shape workerCap(Shape shape, int workers, int others) {
        return new Shape("worker-cap-" + shape.name(), shape.rate(),
                (random, start) -> new WorkerCapLimit(shape.start(random, start), workers, others, random, start));
    }

    private static Shape steady(String name, int rate, Shape.Maker maker) {
        return new Shape(name, Schedule.always(rate), maker);
    }

    private static long edge(RandomGenerator random, long startNanos) {
        return startNanos + random.nextLong(MINUTE.toNanos());
    }
}
