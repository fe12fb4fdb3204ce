package dev.sidecar.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Which cores this run may use, and how it shares them: the first for the proxy, the others for client and mock. */
record Cores(List<Integer> allowed, boolean taskset) {

    Cores {
        allowed = List.copyOf(allowed);
    }

    static Cores find() {
        List<Integer> allowed = new ArrayList<>();
        for (String range : ProcFile.value(Path.of("/proc/self/status"), "Cpus_allowed_list").split(",", -1)) {
            String[] ends = range.strip().split("-", -1);
            if (!ends[0].isEmpty()) {
                for (int core = Integer.parseInt(ends[0]); core <= Integer.parseInt(ends[ends.length - 1]); core++) {
                    allowed.add(core);
                }
            }
        }
        return new Cores(allowed, allowed.size() > 1 && isOnPath("taskset"));
    }

    private static boolean isOnPath(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    /** What goes before a command to run it on the proxy's core. */
    List<String> proxyPrefix() {
        return taskset ? List.of("taskset", "-c", String.valueOf(allowed.getFirst())) : List.of();
    }

    /** What goes before a command to run it on all cores that this run may use, wherever this process is by now. */
    List<String> everyCorePrefix() {
        return taskset ? List.of("taskset", "-c", joined(0)) : List.of();
    }

    /** Moves this process, with every thread that it has, off the proxy's core. */
    void leaveProxyCore() throws IOException, InterruptedException {
        if (taskset) {
            Process move = new ProcessBuilder("taskset", "-a", "-c", "-p", others(),
                    String.valueOf(ProcessHandle.current().pid())).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!move.waitFor(10, TimeUnit.SECONDS) || move.exitValue() != 0) {
                throw new IOException("taskset cannot move this process to the cores " + others());
            }
        }
    }

    private String others() {
        return joined(1);
    }

    private String joined(int from) {
        return String.join(",", allowed.stream().skip(from).map(String::valueOf).toList());
    }

    String described() {
        if (taskset) {
            return "proxy on core " + allowed.getFirst() + ", client and mock provider on " + others();
        }
        return allowed.size() == 1
                ? "one core for proxy, client and mock provider together: they slow each other down"
                : "no taskset here: proxy, client and mock provider share all cores";
    }

    /** How long the allowed cores have been busy with anything since the machine started; NaN where nobody counts. */
    double busySeconds() {
        double hundredths = 0;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
                String[] fields = line.split(" +", -1);
                if (fields.length > 8 && fields[0].matches("cpu\\d+")
                        && allowed.contains(Integer.valueOf(fields[0].substring(3)))) {
                    // user nice system idle iowait irq softirq steal
                    for (int field : new int[]{1, 2, 3, 6, 7, 8}) {
                        hundredths += Long.parseLong(fields[field]);
                    }
                }
            }
        } catch (IOException e) {
            return Double.NaN;
        }
        return hundredths / 100;
    }

    /** What of that was neither this process nor the proxy. */
    double othersSeconds(@Nullable ProxyProcess proxy) {
        double own = ProcessHandle.current().info().totalCpuDuration().map(cpu -> cpu.toNanos() / 1e9)
                .orElse(Double.NaN);
        return busySeconds() - own - (proxy == null ? 0 : proxy.cpuSeconds());
    }
}
