package dev.sidecar.ops;

import java.io.PrintStream;

/** The message for a newcomer when the sidecar is up: its addresses, and a command to try. Thread-safe. */
public final class StartupBanner {

    private final PrintStream out;
    private final String version;

    public StartupBanner(PrintStream out, String version) {
        this.out = out;
        this.version = version;
    }

    public void print(String host, int port, int metricsPort, String upstream) {
        var shown = host.equals("0.0.0.0") || host.equals("::")
                ? "127.0.0.1"
                : host.contains(":") ? "[" + host + "]" : host;
        var base = "http://" + shown + ":" + port;
        out.println("""

                NVIDIA Sidecar %s is up, in front of %s

                  proxy      %s/v1
                  dashboard  %s/api/dashboard
                  metrics    http://%s:%d/metrics

                Try it:
                  curl -s %s/v1/chat/completions -H 'Content-Type: application/json' -H 'X-Priority: high' \\
                    -d '{"model":"demo","messages":[{"role":"user","content":"Hello"}]}'
                """.formatted(version, upstream, base, base, shown, metricsPort, base));
    }
}
