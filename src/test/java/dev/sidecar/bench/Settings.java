package dev.sidecar.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** How long everything is measured, and what. */
record Settings(Set<Target> targets, Set<Measurement> measurements, CrowdSize crowd, Path jar, Path gateway,
        Path output, Path base, boolean quick, int warmUpSeconds) {

    static final int REQUESTS_PER_SECOND = 300;
    static final int SATURATING_CLIENTS = 64;
    static final int STREAMS = 200;

    static Settings fromSystemProperties() {
        Set<Target> targets = EnumSet.noneOf(Target.class);
        Set<Measurement> measurements = EnumSet.noneOf(Measurement.class);
        for (String name : System.getProperty("bench.only", "direct,vertx,gateway,sidecar").split(",", -1)) {
            String constant = name.strip().toUpperCase(Locale.ROOT).replace('-', '_');
            if (Arrays.stream(Measurement.values()).anyMatch(known -> known.name().equals(constant))) {
                measurements.add(Measurement.valueOf(constant));
            } else {
                targets.add(Target.valueOf(constant));
            }
        }
        boolean quick = Boolean.getBoolean("bench.quick");
        Path base = Path.of(System.getProperty("bench.base", "")).toAbsolutePath();
        return new Settings(targets, measurements, CrowdSize.fromSystemProperties(quick),
                base.resolve(System.getProperty("bench.jar", "target/nvidia-sidecar.jar")),
                base.resolve("target/gateway/gateway.jar"), base.resolve("target/bench"), base, quick,
                quick ? 3 : Integer.getInteger("bench.warmup", 120));
    }

    /** Without the gateway, and a word about it, where it has not been built: that takes a download. */
    Settings withWhatIsThere() {
        if (!targets.contains(Target.GATEWAY) || Files.exists(gateway)) {
            return this;
        }
        System.err.println("The gateway is left out: there is no " + base.relativize(gateway)
                + " (./mvnw -f src/bench/gateway package makes it).");
        Set<Target> others = EnumSet.copyOf(targets);
        others.remove(Target.GATEWAY);
        return new Settings(others, measurements, crowd, jar, gateway, output, base, quick, warmUpSeconds);
    }

    int starts() {
        return quick ? 1 : 3;
    }

    int intervals() {
        return quick ? 1 : 3;
    }

    /** Of intervals that something else disturbed, for each kind of load: some minutes more at most. */
    int repeats() {
        return quick ? 0 : 8;
    }

    long saturationNanos(Target target) {
        return TimeUnit.SECONDS.toNanos(quick ? 2 : target == Target.DIRECT ? 3 : 6);
    }

    long pacedNanos() {
        return TimeUnit.SECONDS.toNanos(quick ? 2 : 8);
    }

    /** What "the first seconds of load" are. */
    long firstLoadSeconds() {
        return quick ? 3 : 10;
    }

    long streamingNanos() {
        return TimeUnit.SECONDS.toNanos(quick ? 3 : 10);
    }

    long idleMillis() {
        return TimeUnit.SECONDS.toMillis(quick ? 3 : 15);
    }

    /** Half a minute of 200 streams is no more calls than a second of full load: what they need is compiled late. */
    long streamWarmUpNanos(Target target) {
        return Math.max(streamingNanos(), warmUpNanos(target) / 2);
    }

    /** The client itself has little to warm up. */
    long warmUpNanos(Target target) {
        return TimeUnit.SECONDS.toNanos(target == Target.DIRECT ? Math.min(warmUpSeconds, 5) : warmUpSeconds);
    }
}
