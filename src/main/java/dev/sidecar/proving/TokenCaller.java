package dev.sidecar.proving;

import dev.sidecar.proving.Caller.Habit.Backlog;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Priority;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Who sends requests during a trial with tokens. Immutable.
 *
 * @param usualOutput what half of the responses to it do not exceed, in tokens
 */
record TokenCaller(Caller caller, long usualOutput) {

    private static final long LEAST_INPUT = 200;
    private static final long MOST_INPUT = 20_000;
    private static final double USUAL_INPUT = 700;
    private static final double INPUT_SPREAD = 0.9;
    private static final double OUTPUT_SPREAD = 0.5;
    private static final int LARGE_ONE_IN = 33;
    private static final List<Model> MODELS = List.of(new Model("dense", 3.2), new Model("usual", 4),
            new Model("sparse", 4.8));

    /** A model whose tokens have so many bytes on average. */
    private record Model(String name, double bytesPerToken) {
    }

    /**
     * A request.
     *
     * @param input the tokens of its prompt
     * @param output the tokens of its response
     * @param maxTokens what it allows
     */
    record Request(String model, long bytes, long input, long output, OptionalLong maxTokens) {

        static final long LARGE = 15_000;

        long tokens() {
            return input + output;
        }

        /** Whether it is one of the largest prompts. */
        boolean isLarge() {
            return input >= LARGE;
        }
    }

    /**
     * High requests come now and then. Those of three clients with normal requests always wait, and so do low ones: together
     * they want more than there is.
     */
    static List<TokenCaller> all() {
        return List.of(
                new TokenCaller(Caller.nowAndThen(new ClientPolicy("urgent", 1), Priority.HIGH), 80),
                new TokenCaller(always("short", Priority.NORMAL), 80),
                new TokenCaller(always("medium", Priority.NORMAL), 350),
                new TokenCaller(always("long", Priority.NORMAL), 1000),
                new TokenCaller(always("batch", Priority.LOW), 350));
    }

    private static Caller always(String name, Priority priority) {
        return new Caller(new ClientPolicy(name, 1), priority, new Backlog(5));
    }

    /** The next request. Most prompts are small; one of {@value #LARGE_ONE_IN} has 10,000 tokens or more. */
    Request next(MaxTokens most, RandomGenerator random) {
        Model model = MODELS.get(random.nextInt(MODELS.size()));
        long input = random.nextInt(LARGE_ONE_IN) == 0
                ? random.nextLong(MOST_INPUT / 2, MOST_INPUT + 1)
                : Math.clamp(skewed(USUAL_INPUT, INPUT_SPREAD, random), LEAST_INPUT, MOST_INPUT);
        OptionalLong allowed = most.of(usualOutput, random);
        long output = Math.min(allowed.orElse(Long.MAX_VALUE), skewed((double) usualOutput, OUTPUT_SPREAD, random));
        long bytes = Math.round(input * model.bytesPerToken() * random.nextDouble(0.95, 1.05));
        return new Request(model.name(), bytes, input, Math.max(1, output), allowed);
    }

    /** A log-normal number. */
    private static long skewed(double median, double spread, RandomGenerator random) {
        return Math.round(median * Math.exp(spread * random.nextGaussian()));
    }
}
