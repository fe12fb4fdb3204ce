package dev.sidecar.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Looks at a process's memory twice a second, and notes in which phase of the measurement that was. Thread-safe. */
final class MemorySampler implements AutoCloseable {

    private static final int EVERY_MILLIS = 500;

    /** @param seconds since the first sample */
    record Sample(double seconds, String phase, Memory memory) {
    }

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<Sample> samples = new ArrayList<>();
    private final Supplier<Memory> source;
    private final long start = System.nanoTime();
    private final ScheduledFuture<?> sampling;
    private volatile String phase;

    MemorySampler(String firstPhase, Supplier<Memory> source) {
        this.source = source;
        phase = firstPhase;
        sampling = timer.scheduleAtFixedRate(this::sample, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void sample() {
        Memory memory = source.get();
        synchronized (samples) {
            samples.add(new Sample((System.nanoTime() - start) / 1e9, phase, memory));
        }
    }

    void phase(String newPhase) {
        phase = newPhase;
    }

    List<Sample> samples() {
        synchronized (samples) {
            return List.copyOf(samples);
        }
    }

    /** The sample of this phase in which the most was resident; all NaN if there is none. */
    Memory largestIn(String wanted) {
        return largestIn(wanted, samples());
    }

    static Memory largestIn(String wanted, List<Sample> samples) {
        Memory largest = new Memory(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        for (Sample sample : samples) {
            double resident = sample.memory().resident();
            if (sample.phase().equals(wanted) && !Double.isNaN(resident) && !(resident <= largest.resident())) {
                largest = sample.memory();
            }
        }
        return largest;
    }

    /** The most that was ever resident, in whatever phase, as far as there was somebody to ask. */
    double peak() {
        return samples().stream().mapToDouble(sample -> sample.memory().peak()).filter(peak -> !Double.isNaN(peak))
                .max()
                .orElse(Double.NaN);
    }

    @Override
    public void close() {
        sampling.cancel(false);
        timer.shutdownNow();
    }
}
