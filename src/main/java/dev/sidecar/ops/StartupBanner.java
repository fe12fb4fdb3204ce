package dev.sidecar.ops;

/**
 * Three lines for a newcomer when the sidecar is up: the proxy, the dashboard, and a command to try. Immutable.
 *
 * @param host the address that the sidecar listens on
 * @param port the port of the proxy
 * @param upstream base URL of the provider
 * @param simulated whether the provider is the simulated one, which knows any model and costs nothing
 * @param coloured whether the reader is a terminal
 */
public record StartupBanner(String host, int port, String upstream, boolean simulated, boolean coloured) {

    private static final String BOLD = "1";
    private static final String CYAN = "36";
    private static final String FAINT = "2";

    public String text() {
        var base = "http://" + reachable() + ":" + port;
        return "\n  %s %s %s\n  %s %s\n  %s %s\n\n".formatted(
                label("Proxy"), in(CYAN, base + "/v1"), in(FAINT, "in front of " + provider()),
                label("Dashboard"), in(CYAN, base + "/api/dashboard"),
                label("Try it"), command(base));
    }

    private String provider() {
        return simulated ? "a simulated provider" : upstream;
    }

    /** For the real provider a request that costs no slot, and that any provider knows. */
    private String command(String base) {
        return simulated
                ? "curl -s " + base + "/v1/chat/completions -H 'Content-Type: application/json'"
                        + " -d '{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'"
                : "curl -s " + base + "/v1/models";
    }

    private String label(String text) {
        return in(BOLD, text) + " ".repeat("Dashboard".length() - text.length());
    }

    private String in(String style, String text) {
        return coloured ? "\u001b[" + style + "m" + text + "\u001b[0m" : text;
    }

    /** All addresses of a machine include its loopback address. */
    private String reachable() {
        if (host.equals("0.0.0.0") || host.equals("::")) {
            return "127.0.0.1";
        }
        return host.contains(":") ? "[" + host + "]" : host;
    }
}
