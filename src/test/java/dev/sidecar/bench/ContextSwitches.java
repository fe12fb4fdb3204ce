package dev.sidecar.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How often each thread of a process has left its core so far, by itself or because it had to. Linux sums that up only for
 * threads, so those that begin and end between two readings are missed, and the last switches of those that end.
 */
record ContextSwitches(Map<String, Long> byThread) {

    ContextSwitches {
        byThread = Map.copyOf(byThread);
    }

    /** Reads the status of each thread in {@code /proc/PID/task}; finds no thread where there is no such folder. */
    static ContextSwitches of(Path tasks) {
        Map<String, Long> byThread = new HashMap<>();
        if (Files.isDirectory(tasks)) {
            try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
                for (Path thread : threads) {
                    List<String> status = ProcFile.lines(thread.resolve("status"));
                    if (!status.isEmpty()) {
                        byThread.put(thread.getFileName().toString(),
                                count(status, "voluntary_ctxt_switches") + count(status, "nonvoluntary_ctxt_switches"));
                    }
                }
            } catch (IOException e) {
                return new ContextSwitches(Map.of());
            }
        }
        return new ContextSwitches(byThread);
    }

    private static long count(List<String> status, String name) {
        String value = ProcFile.value(status, name);
        return value.isEmpty() ? 0 : Long.parseLong(value);
    }

    /** Those since that reading, of the threads that are still there; NaN where nobody counts. */
    double since(ContextSwitches before) {
        if (byThread.isEmpty()) {
            return Double.NaN;
        }
        long sum = 0;
        for (Map.Entry<String, Long> thread : byThread.entrySet()) {
            sum += thread.getValue() - before.byThread.getOrDefault(thread.getKey(), 0L);
        }
        return sum;
    }
}
