package dev.sidecar.bench;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A target under measurement: its process, if it has one, and what has been found so far. For one thread. */
final class Subject implements AutoCloseable {

    private final Target target;
    private final @Nullable ProxyProcess proxy;
    private final int port;
    private final List<Double> startUps;
    private final double residentAtStart;
    private double idle = Double.NaN;
    private final List<Figures.Requests> saturated = new ArrayList<>();
    private final List<Figures.Requests> paced = new ArrayList<>();
    private final List<Figures.Streams> streams = new ArrayList<>();

    private Subject(Target target, @Nullable ProxyProcess proxy, int port, List<Double> startUps,
            double residentAtStart) {
        this.target = target;
        this.proxy = proxy;
        this.port = port;
        this.startUps = startUps;
        this.residentAtStart = residentAtStart;
    }

    /** The provider itself. */
    static Subject direct(int providerPort) {
        return new Subject(Target.DIRECT, null, providerPort, List.of(), Double.NaN);
    }

    static Subject of(Target target, ProxyProcess proxy, List<Double> startUps, double residentAtStart) {
        return new Subject(target, proxy, proxy.port(), startUps, residentAtStart);
    }

    Target target() {
        return target;
    }

    @Nullable
    ProxyProcess proxy() {
        return proxy;
    }

    int port() {
        return port;
    }

    void addSaturated(Figures.Requests interval) {
        saturated.add(interval);
    }

    void addPaced(Figures.Requests interval) {
        paced.add(interval);
    }

    void addStreams(Figures.Streams interval) {
        streams.add(interval);
    }

    void idle(double cpuMillisPerSecond) {
        idle = cpuMillisPerSecond;
    }

    /** With its memory as it is now, after all of it. */
    Figures figures() {
        if (proxy == null) {
            return new Figures(target, startUps, Double.NaN, Double.NaN, Double.NaN, Double.NaN, saturated, paced,
                    streams);
        }
        var after = proxy.memory();
        return new Figures(target, startUps, residentAtStart, after.resident(), after.peak(), idle, saturated, paced,
                streams);
    }

    @Override
    public void close() {
        if (proxy != null) {
            proxy.close();
        }
    }
}
