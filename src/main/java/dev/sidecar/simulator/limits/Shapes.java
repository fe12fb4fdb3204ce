package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The shapes of the proving run, each for a limit in requests a minute (1 to 1,000,000). */
public final class Shapes {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final String SUB_WINDOW = "sub-window";
    private static final int PARTS = 6;
    private static final int WORKERS = 32;
    private static final int BUSY_WORKERS = 24;
    /** In reading order, from the strict shapes to the odd ones. */
    private static final Map<String, IntFunction<Shape>> BY_NAME = byName();

    private Shapes() {
    }

    /** All shapes; the limit must be at least 6, because of the sub-window shape. */
    public static List<Shape> all(int limit) {
        return Stream.concat(BY_NAME.values().stream().map(shape -> shape.apply(limit)),
                Stream.of(shared(slidingLog(limit), limit / 3), workerCap(slidingLog(limit), WORKERS, BUSY_WORKERS)))
                .toList();
    }

    /** The names of the shapes without a second user and a cap on workers, which can wrap any of them. */
    public static Set<String> names() {
        return BY_NAME.keySet();
    }

    /** The shape of one of the {@link #names()}. */
    public static Shape named(String name, int limit) {
        IntFunction<Shape> shape = BY_NAME.get(name);
        if (shape == null) {
            throw new IllegalArgumentException("shape must be one of " + names() + ", got " + name);
        }
        return shape.apply(limit);
    }

    /** The smallest limit for the shape of this name. */
    public static int leastLimit(String name) {
        return name.equals(SUB_WINDOW) ? PARTS : 1;
    }

    public static Shape slidingLog(int limit) {
        return steady("sliding-log", limit, (_, _) -> new MeteredLimit(limit, new SlidingLog(MINUTE)));
    }

    public static Shape strictSlidingLog(int limit) {
        return steady("strict-sliding-log", limit, (_, _) -> new StrictSlidingLogLimit(limit, MINUTE));
    }

    /** Its edges are anywhere. */
    public static Shape fixedWindow(int limit) {
        return steady("fixed-window", limit,
                (random, start) -> new MeteredLimit(limit, new FixedWindow(MINUTE, edge(random, start))));
    }

    public static Shape firstHitWindow(int limit) {
        return steady("first-hit-window", limit, (_, _) -> new MeteredLimit(limit, new FirstHitWindow(MINUTE)));
    }

    /** Its edges are anywhere. */
    public static Shape slidingCounter(int limit) {
        return steady("sliding-counter", limit,
                (random, start) -> new MeteredLimit(limit, new SlidingCounter(MINUTE, edge(random, start))));
    }

    /** Named {@code token-bucket} if the capacity equals the limit, otherwise for instance {@code token-bucket-2}. */
    public static Shape tokenBucket(int limit, int capacity) {
        return steady(capacity == limit ? "token-bucket" : "token-bucket-" + capacity, limit,
                (_, _) -> new TokenBucketLimit(capacity, limit));
    }

    /** Enforced in aligned parts of 10 s with a random phase; the limit must be at least 6. */
    public static Shape subWindow(int limit) {
        return steady(SUB_WINDOW, SubWindowLimit.allowed(limit, PARTS),
                (random, start) -> new SubWindowLimit(limit, MINUTE, PARTS, edge(random, start)));
    }

    /** A sliding log whose limit falls to five eighths and comes back: 40, 25, 40. The first two last for {@code each}. */
    public static Shape moving(int limit, Duration each) {
        Schedule rate = new Schedule(List.of(new Schedule.Step(Duration.ZERO, limit),
                new Schedule.Step(each, Math.max(1, limit * 5 / 8)), new Schedule.Step(each.multipliedBy(2), limit)));
        return new Shape("moving", rate,
                (_, start) -> new MovingLimit(new MeteredLimit(limit, new SlidingLog(MINUTE)), rate, start));
    }

    /** The same with a second user that sends {@code perMinute} requests a minute. */
    public static Shape shared(Shape shape, int perMinute) {
        return new Shape("shared-" + shape.name(), shape.rate(),
                (random, start) -> new SharedLimit(shape.start(random, start), perMinute, random, start));
    }

    /** The same on models with this many workers; others keep about {@code others} of them busy. */
    public static Shape workerCap(Shape shape, int workers, int others) {
        return new Shape("worker-cap-" + shape.name(), shape.rate(),
                (random, start) -> new WorkerCapLimit(shape.start(random, start), workers, others, random, start));
    }

    private static Map<String, IntFunction<Shape>> byName() {
        var shapes = new LinkedHashMap<String, IntFunction<Shape>>();
        shapes.put("sliding-log", Shapes::slidingLog);
        shapes.put("strict-sliding-log", Shapes::strictSlidingLog);
        shapes.put("fixed-window", Shapes::fixedWindow);
        shapes.put("first-hit-window", Shapes::firstHitWindow);
        shapes.put("sliding-counter", Shapes::slidingCounter);
        shapes.put("token-bucket", limit -> tokenBucket(limit, limit));
        shapes.put("token-bucket-7", limit -> tokenBucket(limit, 7));
        shapes.put("token-bucket-2", limit -> tokenBucket(limit, 2));
        shapes.put(SUB_WINDOW, Shapes::subWindow);
        shapes.put("moving", limit -> moving(limit, Duration.ofMinutes(40)));
        return Collections.unmodifiableMap(shapes);
    }

    private static Shape steady(String name, int rate, Shape.Maker maker) {
        return new Shape(name, Schedule.always(rate), maker);
    }

    private static long edge(RandomGenerator random, long startNanos) {
        return startNanos + random.nextLong(MINUTE.toNanos());
    }
}
