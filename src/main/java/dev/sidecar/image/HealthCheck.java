package dev.sidecar.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A program of its own, for a container's {@code HEALTHCHECK} where there is neither curl nor a shell: asks the sidecar
 * beside it for a page, {@code /health} unless another one is given, and ends with 0 if the answer is 200, else with 1.
 */
final class HealthCheck {

    private static final int PATIENCE_MILLIS = 2000;

    private HealthCheck() {
    }

    public static void main(String[] args) {
        if (args.length > 0 && args[0].startsWith("-")) {
            var out = args[0].equals("--help") ? System.out : System.err;
            out.println("usage: java -cp nvidia-sidecar.jar dev.sidecar.image.HealthCheck [PATH]");
            System.exit(args[0].equals("--help") ? 0 : 2);
        }
        System.exit(check(System.getenv(), args.length == 0 ? "/health" : args[0]) ? 0 : 1);
    }

    /** @param settings the environment: SIDECAR_HOST and SIDECAR_PORT count */
    static boolean check(Map<String, String> settings, String path) {
        var host = settings.getOrDefault("SIDECAR_HOST", "127.0.0.1");
        // A plain socket: a JVM that lives for one request should load no HTTP client.
        try (var socket = new Socket()) {
            var port = Integer.parseInt(settings.getOrDefault("SIDECAR_PORT", "9190"));
            var all = host.equals("0.0.0.0") || host.equals("::");
            socket.connect(new InetSocketAddress(all ? "127.0.0.1" : host, port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            var answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return answer != null && answer.startsWith("HTTP/1.1 200");
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("health check: " + e);
            return false;
        }
    }
}
