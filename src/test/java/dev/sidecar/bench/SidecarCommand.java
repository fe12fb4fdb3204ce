package dev.sidecar.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the sidecar is started: from a jar, or by the launcher of what deploy/lay-out.sh has made of it.
 */
record SidecarCommand(List<String> command, Map<String, String> environment, int port, Path log) {

    SidecarCommand {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /** A limit that is never reached, on the proxy's core: what is measured is the way through, not the wait. */
    static SidecarCommand unlimited(Settings settings, Cores cores, int upstreamPort) throws IOException {
        return of(settings, cores.proxyPrefix(), upstreamPort,
                Map.of("SIDECAR_RATE_RPM", "1000000", "SIDECAR_BUCKET_CAPACITY", "1000000", "SIDECAR_QUEUE_MAX",
                        "100000"));
    }

    /** A limit that lets the crowd's streams through at once, and then nothing for a minute; all cores, as a service. */
    static SidecarCommand forCrowd(Settings settings, Cores cores, MemoryGroup group, int upstreamPort)
            throws IOException {
        CrowdSize crowd = settings.crowd();
        List<String> prefix = new ArrayList<>(group.prefix());
        prefix.addAll(cores.everyCorePrefix());
        // One more, because of the request that sees whether the proxy is up.
        String budget = String.valueOf(crowd.streams() + 1);
        return of(settings, prefix, upstreamPort,
                Map.of("SIDECAR_RATE_RPM", budget, "SIDECAR_BUCKET_CAPACITY", budget, "SIDECAR_QUEUE_MAX",
                        String.valueOf(crowd.streams() + crowd.waiting()), "SIDECAR_TIMEOUT", "600",
                        "SIDECAR_QUEUE_TIMEOUT", "600"));
    }

    private static SidecarCommand of(Settings settings, List<String> prefix, int upstreamPort,
            Map<String, String> limits) throws IOException {
        Path layout = settings.jar().resolveSibling("..").normalize();
        List<String> command = new ArrayList<>(prefix);
        Path launcher = layout.resolve("bin/sidecar");
        if (Files.exists(launcher)) {
            command.add(launcher.toString());
        } else {
            Path options = settings.base().resolve("deploy/jvm.options");
            // The options say how large the heap may be.
            command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    Files.exists(options) ? "@" + options : "-Xmx256m", "-jar", settings.jar().toString()));
        }
        int port = ProxyProcess.freePort();
        Map<String, String> environment = new HashMap<>(limits);
        environment.putAll(Map.of("SIDECAR_UPSTREAM", "http://127.0.0.1:" + upstreamPort, "SIDECAR_API_KEY", "bench",
                "SIDECAR_PORT", String.valueOf(port), "SIDECAR_METRICS_PORT", String.valueOf(ProxyProcess.freePort()),
                "SIDECAR_LOG_LEVEL", "WARN", "SIDECAR_ROUTES_DIR",
                firstOf(layout.resolve("routes"), settings.base().resolve("routes")).toString()));
        return new SidecarCommand(command, environment, port, settings.output().resolve("sidecar.log"));
    }

    private static Path firstOf(Path preferred, Path other) {
        return Files.exists(preferred) ? preferred : other;
    }

    ProxyProcess start() throws IOException, InterruptedException {
        return ProxyProcess.start(command, environment, port, log);
    }
}
