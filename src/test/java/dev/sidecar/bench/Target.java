package dev.sidecar.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What stands between client and provider. */
enum Target {

    DIRECT, VERTX, SIDECAR;

    String label() {
        return switch (this) {
            case DIRECT -> "direct";
            case VERTX -> "Vert.x";
            case SIDECAR -> "sidecar";
        };
    }

    ProxyProcess start(Settings settings, Cores cores, int upstreamPort) throws IOException, InterruptedException {
        int port = ProxyProcess.freePort();
        List<String> command = new ArrayList<>(cores.proxyPrefix());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Path log = settings.output().resolve(name().toLowerCase(Locale.ROOT) + ".log");
        return switch (this) {
            case DIRECT -> throw new IllegalStateException("nothing to start");
            case VERTX -> {
                command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path"),
                        PlainVertxProxy.class.getName(), String.valueOf(port), String.valueOf(upstreamPort)));
                yield ProxyProcess.start(command, Map.of(), port, log);
            }
            case SIDECAR -> {
                Path options = settings.base().resolve("deploy/jvm.options");
                if (Files.exists(options)) {
                    command.add("@" + options);
                }
                Path learned = settings.jar().resolveSibling("../sidecar.aot"); // where deploy/lay-out.sh leaves it
                if (Files.exists(learned)) {
                    command.add("-XX:AOTCache=" + learned);
                }
                command.addAll(List.of("-Xmx256m", "-jar", settings.jar().toString()));
                yield ProxyProcess.start(command, sidecarSettings(settings, port, upstreamPort), port, log);
            }
        };
    }

    /** A limit that is never reached: what is measured is the way through, not the wait. */
    private static Map<String, String> sidecarSettings(Settings settings, int port, int upstreamPort)
            throws IOException {
        return Map.of("SIDECAR_UPSTREAM", "http://127.0.0.1:" + upstreamPort, "SIDECAR_API_KEY", "bench",
                "SIDECAR_PORT", String.valueOf(port), "SIDECAR_METRICS_PORT", String.valueOf(ProxyProcess.freePort()),
                "SIDECAR_RATE_RPM", "1000000", "SIDECAR_BUCKET_CAPACITY", "1000000", "SIDECAR_QUEUE_MAX", "100000",
                "SIDECAR_LOG_LEVEL", "WARN", "SIDECAR_ROUTES_DIR", settings.base().resolve("routes").toString());
    }
}
