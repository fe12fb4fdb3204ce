package dev.sidecar.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What was measured at one target. What does not apply, such as the CPU time of no proxy, is NaN. */
record Figures(Target target, List<Double> startUpSeconds, double residentAtStart, double residentAfter,
        double residentPeak, double idleCpuMillisPerSecond, List<Requests> saturated, List<Requests> paced,
        List<Streams> streams) {

    Figures {
        startUpSeconds = List.copyOf(startUpSeconds);
        saturated = List.copyOf(saturated);
        paced = List.copyOf(paced);
        streams = List.copyOf(streams);
    }

    /** What a proxy took in an interval. */
    record Used(double seconds, double cpuSeconds, double contextSwitches) {
    }

    /** One interval of plain requests: latencies in milliseconds. */
    record Requests(int answers, double seconds, double cpuSeconds, double contextSwitches, double p50, double p99,
            double max) {

        static Requests of(int answers, Used used, Samples latencies) {
            return new Requests(answers, used.seconds(), used.cpuSeconds(), used.contextSwitches(),
                    latencies.millisAt(0.5), latencies.millisAt(0.99), latencies.millisAt(1));
        }

        double perSecond() {
            return answers / seconds;
        }

        double cpuMicrosEach() {
            return cpuSeconds * 1e6 / answers;
        }

        double contextSwitchesEach() {
            return contextSwitches / answers;
        }

        double cpuShare() {
            return cpuSeconds / seconds;
        }
    }

    /** One interval of streams: delays in milliseconds. */
    record Streams(int streams, int chunks, double seconds, double cpuSeconds, double firstP50, double firstP99,
            double chunkP50, double chunkP99) {

        static Streams of(int streams, Used used, StreamingLoad load) {
            return new Streams(streams, streams * Chat.CHUNKS, used.seconds(), used.cpuSeconds(),
                    load.firstChunks().millisAt(0.5), load.firstChunks().millisAt(0.99),
                    load.chunkDelays().millisAt(0.5), load.chunkDelays().millisAt(0.99));
        }

        double cpuMicrosPerChunk() {
            return cpuSeconds * 1e6 / chunks;
        }
    }

    static <T> double median(List<T> intervals, ToDoubleFunction<T> figure) {
        double[] sorted = intervals.stream().mapToDouble(figure).sorted().toArray();
        if (sorted.length == 0 || Arrays.stream(sorted).anyMatch(Double::isNaN)) {
            return Double.NaN;
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
