package dev.sidecar.fleet;

import java.time.Duration;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * Many hours of a fleet with random faults, in virtual time: {@code ./mvnw -Pfleet-hours verify}. It ends with an error when a limit
 * was exceeded, a request got two answers, or less than 97 % of what was allowed was used in quiet times.
 */
final class FleetHours {

    private static final double LEAST_USE = 0.97;
    private static final Duration TO_BEGIN = Duration.ofMinutes(2);

    /** What came of one fleet, which its seed makes. */
    record Outcome(long seed, int limit, int replicas, long arrivals, int violations, double use, int neverShared,
            int answeredTwice) {

        boolean isSafe() {
            return violations == 0 && answeredTwice == 0;
        }
    }

    private FleetHours() {
    }

    /** @param seed also makes the limit, the number of replicas and the demand */
    static Outcome run(long seed, Duration time) {
        int limit = 20 + (int) (seed % 5) * 17;
        int replicas = 2 + (int) (seed % 3);
        var fleet = new FleetSimulation(seed, limit, false);
        for (int i = 0; i < replicas; i++) {
            fleet.start(i == 0 ? 12 : (int) (seed / 3 % 2) * 4, i == 1 ? 10 : 0);
        }
        fleet.run(TO_BEGIN);
        var faults = new FleetFaults(fleet);
        faults.run(time);
        return new Outcome(seed, limit, replicas, fleet.provider.arrivals, fleet.provider.violations, faults.use(),
                faults.neverShared(), fleet.answeredTwice);
    }

    /** @param arguments the number of hours, each of another fleet, and the first seed */
    public static void main(String[] arguments) {
        int hours = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000;
        long first = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
        var all = LongStream.range(first, first + hours).parallel().mapToObj(seed -> run(seed, Duration.ofHours(1)))
                .toList();
        all.stream().filter(each -> !each.isSafe() || each.neverShared > 0).forEach(System.out::println);
        long violations = all.stream().mapToInt(Outcome::violations).sum();
        double use = all.stream().mapToDouble(Outcome::use).average().orElse(0);
        System.out.printf(Locale.ROOT,
                "%d h, %d requests: %d above a limit; %.2f %% used in quiet times; %d times not together again%n",
                hours, all.stream().mapToLong(Outcome::arrivals).sum(), violations, 100 * use,
                all.stream().mapToInt(Outcome::neverShared).sum());
        if (!all.stream().allMatch(Outcome::isSafe) || use < LEAST_USE) {
            System.exit(1);
        }
    }
}
