package dev.sidecar.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Measures the targets in turns, in front of one mock provider, and prints what came out. */
final class Benchmark {

    private final Settings settings;
    private final Cores cores;
    private final Faults faults = new Faults();

    private final Disturbance disturbance = new Disturbance();

    private Benchmark(Settings settings, Cores cores) {
        this.settings = settings;
        this.cores = cores;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Settings settings = Settings.fromSystemProperties().withWhatIsThere();
        Cores cores = Cores.find();
        cores.leaveProxyCore();
        Files.createDirectories(settings.output());
        System.exit(new Benchmark(settings, cores).run() ? 0 : 1);
    }

    /** Whether every answer was right. */
    private boolean run() throws IOException, InterruptedException {
        List<String> failures = new ArrayList<>();
        Map<Target, Figures> figures = measure(failures);
        List<Findings> findings = new ArrayList<>();
        for (Measurement measurement : settings.measurements()) {
            say(measurement.label(), "sidecar");
            try {
                findings.add(switch (measurement) {
                    case CROWD -> Crowd.measure(settings, cores, disturbance, faults);
                    case WARM_UP -> warmUp();
                });
            } catch (IOException | IllegalStateException e) {
                failures.add(measurement.label() + ": " + e.getMessage());
            }
        }
        failures.addAll(faults.first());
        new Report(settings, cores, figures, findings, disturbance, failures, faults.count()).write();
        return failures.isEmpty();
    }

    /**
     * All targets run at the same time, and take turns: the pace of a machine that others share changes by the minute, and what
     * is compared must not be minutes apart.
     */
    private Map<Target, Figures> measure(List<String> failures) throws IOException, InterruptedException {
        List<Subject> subjects = new ArrayList<>();
        Map<Target, Figures> figures = new EnumMap<>(Target.class);
        try (MockProvider provider = new MockProvider(faults)) {
            for (Target target : settings.targets()) {
                attempt(target, failures, () -> subjects.add(start(target, provider.port())));
            }
            each(subjects, "warm-up", failures, subject -> saturate(subject, settings.warmUpNanos(subject.target())));
            disturbance.allow(settings.repeats());
            for (int i = 0; i < settings.intervals(); i++) {
                each(subjects, Settings.SATURATING_CLIENTS + " clients without pause", failures,
                        subject -> subject.addSaturated(disturbance.undisturbed(
                                () -> saturate(subject, settings.saturationNanos(subject.target())))));
            }
            disturbance.allow(settings.repeats());
            for (int i = 0; i < settings.intervals(); i++) {
                each(subjects, Settings.REQUESTS_PER_SECOND + " requests/s", failures,
                        subject -> subject.addPaced(disturbance.undisturbed(() -> pace(subject))));
            }
            each(subjects, "warm-up of streams", failures,
                    subject -> stream(subject, settings.streamWarmUpNanos(subject.target())));
            disturbance.allow(settings.repeats());
            for (int i = 0; i < settings.intervals(); i++) {
                each(subjects, Settings.STREAMS + " streams", failures,
                        subject -> subject
                                .addStreams(disturbance.undisturbed(() -> stream(subject, settings.streamingNanos()))));
            }
            each(subjects, "idle", failures, subject -> {
                if (subject.proxy() != null) {
                    subject.idle(idle(subject.proxy()));
                }
                figures.put(subject.target(), subject.figures());
            });
        } finally {
            subjects.forEach(Subject::close);
        }
        return figures;
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    @FunctionalInterface
    private interface SubjectStep {
        void run(Subject subject) throws IOException, InterruptedException;
    }

    /** Who fails is left out from then on. */
    private static void each(List<Subject> subjects, String what, List<String> failures, SubjectStep step)
            throws InterruptedException {
        for (Subject subject : List.copyOf(subjects)) {
            say(subject.target(), what);
            if (!attempt(subject.target(), failures, () -> step.run(subject))) {
                subjects.remove(subject);
                subject.close();
            }
        }
    }

    private static boolean attempt(Target target, List<String> failures, Step step) throws InterruptedException {
        try {
            step.run();
            return true;
        } catch (IOException | IllegalStateException e) {
            failures.add(target.label() + ": " + e.getMessage());
            return false;
        }
    }

    private Subject start(Target target, int providerPort) throws IOException, InterruptedException {
        if (target == Target.DIRECT) {
            return Subject.direct(providerPort);
        }
        List<Double> startUps = new ArrayList<>();
        say(target, "start-up");
        for (int i = 1; i < settings.starts(); i++) {
            try (ProxyProcess proxy = target.start(settings, cores, providerPort)) {
                startUps.add(proxy.startUpSeconds());
            }
        }
        ProxyProcess proxy = target.start(settings, cores, providerPort);
        try {
            startUps.add(proxy.startUpSeconds());
            Thread.sleep(3_000);
            return Subject.of(target, proxy, startUps, proxy.memory().resident());
        } catch (InterruptedException | RuntimeException e) {
            proxy.close();
            throw e;
        }
    }

    private Figures.Requests saturate(Subject subject, long nanos) throws IOException {
        return saturate(subject.proxy(), subject.port(), nanos);
    }

    private Figures.Requests saturate(@Nullable ProxyProcess proxy, int port, long nanos) throws IOException {
        try (SaturatingLoad load = new SaturatingLoad(port, Settings.SATURATING_CLIENTS, faults)) {
            Figures.Used used = run(proxy, load, nanos);
            return Figures.Requests.of(load.answers(), used, load.latencies());
        }
    }

    private Figures.Requests pace(Subject subject) throws IOException {
        try (PacedLoad load = new PacedLoad(subject.port(), Settings.SATURATING_CLIENTS, Settings.REQUESTS_PER_SECOND,
                faults)) {
            Figures.Used used = run(subject.proxy(), load, settings.pacedNanos());
            return Figures.Requests.of(load.answers(), used, load.latencies());
        }
    }

    private Figures.Streams stream(Subject subject, long nanos) throws IOException {
        try (StreamingLoad load = new StreamingLoad(subject.port(), Settings.STREAMS, faults)) {
            Figures.Used used = run(subject.proxy(), load, nanos);
            return Figures.Streams.of(load.answers(), used, load);
        }
    }

    /** Fresh processes first; the last of them goes on to the warm figure. */
    private Findings warmUp() throws IOException, InterruptedException {
        List<WarmUp.Interval> cold = new ArrayList<>();
        List<WarmUp.Interval> warm = new ArrayList<>();
        try (MockProvider provider = new MockProvider(faults)) {
            while (cold.size() < settings.starts()) {
                say(Measurement.WARM_UP.label(), "a fresh start");
                try (ProxyProcess proxy = Target.SIDECAR.start(settings, cores, provider.port())) {
                    cold.add(firstLoad(proxy));
                    if (cold.size() == settings.starts()) {
                        say(Measurement.WARM_UP.label(), "warm-up");
                        saturate(proxy, proxy.port(), settings.warmUpNanos(Target.SIDECAR));
                        say(Measurement.WARM_UP.label(), Settings.REQUESTS_PER_SECOND + " requests/s");
                        while (warm.size() < settings.intervals()) {
                            warm.add(firstLoad(proxy));
                        }
                    }
                }
            }
        }
        return new WarmUp(cold, warm).findings(settings.firstLoadSeconds(), settings.warmUpSeconds());
    }

    private WarmUp.Interval firstLoad(ProxyProcess proxy) throws IOException {
        try (PacedLoad load = new PacedLoad(proxy.port(), Settings.SATURATING_CLIENTS, Settings.REQUESTS_PER_SECOND,
                faults)) {
            double before = proxy.cpuSeconds();
            double[] atEnd = {Double.NaN};
            load.atEnd(() -> atEnd[0] = proxy.cpuSeconds());
            run(proxy, load, TimeUnit.SECONDS.toNanos(settings.firstLoadSeconds()));
            return new WarmUp.Interval(load.offered(), load.answeredInTime(), atEnd[0] - before,
                    load.latencies().millisAt(0.5), load.latencies().millisAt(0.99), load.latencies().millisAt(1));
        }
    }

    private double idle(ProxyProcess proxy) throws InterruptedException {
        Thread.sleep(2_000);
        double before = proxy.cpuSeconds();
        long start = System.nanoTime();
        Thread.sleep(settings.idleMillis());
        return (proxy.cpuSeconds() - before) * 1e3 / ((System.nanoTime() - start) / 1e9);
    }

    private Figures.Used run(@Nullable ProxyProcess proxy, Load load, long nanos) throws IOException {
        if (proxy == null) {
            return new Figures.Used(seconds(null, load, nanos), Double.NaN, Double.NaN);
        }
        ContextSwitches switchesBefore = proxy.contextSwitches();
        double cpuBefore = proxy.cpuSeconds();
        double seconds = seconds(proxy, load, nanos);
        double cpuSeconds = proxy.cpuSeconds() - cpuBefore;
        return new Figures.Used(seconds, cpuSeconds, proxy.contextSwitches().since(switchesBefore));
    }

    /** How long the load took. */
    private double seconds(@Nullable ProxyProcess proxy, Load load, long nanos) throws IOException {
        double othersBefore = cores.othersSeconds(proxy);
        long start = System.nanoTime();
        load.run(nanos);
        double seconds = (System.nanoTime() - start) / 1e9;
        disturbance.add((cores.othersSeconds(proxy) - othersBefore) / seconds);
        return seconds;
    }

    private static void say(Target target, String what) {
        say(target.label(), what);
    }

    private static void say(String whom, String what) {
        System.err.printf("  %-8s %s%n", whom, what);
    }
}
