package dev.sidecar.http;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The rules for header fields that a proxy passes on.
 *
 * <p>Hop-by-hop fields stay on their hop: those that RFC 9110 §7.6.1 names, and those that a {@code Connection} field
 * lists. Beyond the RFC, names with a meaning for Camel or the sidecar are neither accepted from outside nor sent
 * there. Stateless and thread-safe.
 */
public final class HeaderRules {

    private static final Set<String> HOP_BY_HOP = Set.of("connection", "keep-alive", "proxy-authenticate",
            "proxy-authorization", "proxy-authentication-info", "proxy-connection", "te", "trailer",
            "transfer-encoding",
            "upgrade");

    /** Fields that describe the message on this hop: each hop's HTTP library writes its own. */
    private static final Set<String> PER_HOP_FRAMING = Set.of("host", "content-length", "expect");

    /** The clients' credentials for the sidecar. They are not meant for the provider. */
    private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie", "x-api-key", "api-key",
            "x-goog-api-key");

    /** Statements of proxies about the client's side (RFC 7239, RFC 9110 §7.6.3). */
    private static final Set<String> TRACES_OF_PROXIES = Set.of("forwarded", "x-real-ip", "via");
    private static final String TRACE_OF_PROXIES = "x-forwarded-";

    private HeaderRules() {
    }

    /**
     * @param connectionOptions the values of all {@code Connection} fields of the message
     * @return the lower-case names that these values list
     */
    public static Set<String> listedIn(List<String> connectionOptions) {
        if (connectionOptions.isEmpty()) {
            return Set.of();
        }
        var names = new HashSet<String>();
        for (var value : connectionOptions) {
            for (var option : value.split(",", -1)) {
                var name = option.strip().toLowerCase(Locale.ROOT);
                if (!name.isEmpty() && !name.equals("close") && !name.equals("keep-alive")) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    /**
     * Whether a request field, {@code name} in lower case, may leave for an upstream. {@linkplain #isPrivate Private}
     * fields are visible to the routes, and leave only if a route says so.
     */
    public static boolean isForwarded(String name, Set<String> connectionListed) {
        return !HOP_BY_HOP.contains(name) && !PER_HOP_FRAMING.contains(name) && !connectionListed.contains(name)
                && !isReserved(name) && !name.equals("x-priority");
    }

    /** Whether a request field, {@code name} in lower case, is only for the sidecar, and not for an upstream. */
    public static boolean isPrivate(String name) {
        return CREDENTIALS.contains(name) || TRACES_OF_PROXIES.contains(name) || name.startsWith(TRACE_OF_PROXIES);
    }

    /**
     * Whether a response field, {@code name} in lower case, may reach the client. The relay decides about {@code
     * Content-Length}, because it frames the body.
     */
    public static boolean isReturned(String name, Set<String> connectionListed) {
        return !HOP_BY_HOP.contains(name) && !name.equals("content-length") && !connectionListed.contains(name)
                && !isReserved(name);
    }

    /** Names with a meaning inside the sidecar: a client must not be able to control it by these. */
    private static boolean isReserved(String name) {
        return name.startsWith("x-sidecar-") || name.startsWith("camel") || name.startsWith("org.apache.camel.");
    }
}
