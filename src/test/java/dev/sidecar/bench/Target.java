package dev.sidecar.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What stands between client and provider. */
enum Target {

    DIRECT, VERTX, GATEWAY, SIDECAR;

    String label() {
        return switch (this) {
            case DIRECT -> "direct";
            case VERTX -> "Vert.x";
            case GATEWAY -> "gateway";
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
            case GATEWAY -> {
                command.addAll(List.of("-Xmx256m", "-jar", settings.gateway().toString(), "--server.port=" + port,
                        "--provider=http://127.0.0.1:" + upstreamPort));
                yield ProxyProcess.start(command, Map.of(), port, log);
            }
            case SIDECAR -> SidecarCommand.unlimited(settings, cores, upstreamPort).start();
        };
    }
}
