package dev.sidecar.ingress;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The web pages that may use the sidecar, by their origins (RFC 6454): those of a loopback address, and those in the
 * operator's settings. Immutable and thread-safe.
 */
final class WebOrigins {

    /**
     * Only origins that cannot be another machine's: the operator has to name subdomains of {@code localhost} like all
     * others.
     */
    private static final Pattern LOOPBACK = Pattern
            .compile("https?://(localhost|127(\\.[0-9]{1,3}){3}|\\[::1\\])(:[0-9]{1,5})?");

    private final Set<String> named;

    /** @param named allowed origins, such as {@code https://app.example:8443} */
    WebOrigins(List<String> named) {
        this.named = named.stream().map(WebOrigins::normal).collect(Collectors.toUnmodifiableSet());
    }

    /** @param origin the value of the header field {@code Origin}, compared as a whole */
    boolean allow(String origin) {
        var normal = normal(origin);
        return named.contains(normal) || LOOPBACK.matcher(normal).matches();
    }

    /** The form that browsers send: lower case, without a default port (RFC 6454 §6.2). */
    private static String normal(String origin) {
        return origin.strip().toLowerCase(Locale.ROOT).replaceFirst("^(http://.*):80$|^(https://.*):443$", "$1$2");
    }
}
