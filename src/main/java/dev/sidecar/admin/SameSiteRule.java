package dev.sidecar.admin;

import dev.sidecar.http.HostNames;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other sites' pages in an operator's browser away from the operator's functions.
 *
 * <p>A page of another site shows itself by {@code Origin} or {@code Sec-Fetch-Site}. A page whose own name points to
 * the sidecar (DNS rebinding) shows itself only by {@code Host}. So only names that cannot be public DNS names of
 * others, and names from the operator's settings, are accepted. Immutable and thread-safe.
 */
public final class SameSiteRule {

    /** Reserved or not delegated in the public DNS (RFC 6761, RFC 6762), or used inside a cluster. */
    private static final List<String> PRIVATE_SUFFIXES = List.of(".localhost", ".local", ".internal", ".svc");

    private final Set<String> allowedHosts;

    /**
     * @param listenHost the address or name on which the sidecar listens
     * @param allowedHosts further names, without ports
     */
    public SameSiteRule(String listenHost, List<String> allowedHosts) {
        this.allowedHosts = Stream.concat(Stream.of(listenHost), allowedHosts.stream())
                .map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Each parameter is the value of the header field of that name, or null if there is none.
     *
     * @param navigation whether the response is a page to show, to which another site may link
     */
    Access check(@Nullable String host, @Nullable String origin, @Nullable String secFetchSite, boolean navigation) {
        if (host != null && !isAllowed(HostNames.nameOf(host))) {
            return Access.forbidden("the sidecar does not know itself by this host name: if it should, add the name to"
                    + " SIDECAR_ALLOWED_HOSTS");
        }
        if (origin != null && !isSame(origin, host)) {
            return Access.forbidden("this cannot be used from another site's page");
        }
        if (!navigation && secFetchSite != null && !Set.of("same-origin", "none").contains(secFetchSite)) {
            return Access.forbidden("this cannot be used from another site's page");
        }
        return Access.GRANTED;
    }

    private boolean isAllowed(String name) {
        return HostNames.isAddress(name) || name.indexOf('.') < 0 || allowedHosts.contains(name)
                || PRIVATE_SUFFIXES.stream().anyMatch(name::endsWith);
    }

    /** Does not compare the scheme of the origin: a TLS-terminating proxy may stand before the sidecar. */
    private static boolean isSame(String origin, @Nullable String host) {
        try {
            var authority = URI.create(origin).getRawAuthority();
            return authority != null && host != null && authority.equalsIgnoreCase(host.strip());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
