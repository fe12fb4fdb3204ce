package dev.sidecar.ingress;

import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.HostNames;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rule for browsers: which web pages may use {@code /v1}. Without it, any open page could spend the provider's key,
 * because browsers let every page send requests to every address.
 *
 * <p>A page shows itself by {@code Origin} or {@code Sec-Fetch-Site}. The origin is compared with the allowed origins,
 * never with {@code Host}: if a page's own name points to the sidecar (DNS rebinding), both are the same. Such a page
 * sends no {@code Origin} with a GET. So a sidecar on a loopback address accepts as {@code Host} only names that cannot
 * belong to others. Programs that are no browsers send none of these fields. Immutable and thread-safe.
 */
public final class WebPageRule {

    private final WebOrigins origins;
    private final boolean loopback;
    private final Set<String> hosts;

    /**
     * @param listenHost the address or name on which the sidecar listens
     * @param allowedHosts further names of the sidecar, without ports
     * @param allowedOrigins origins of pages, such as {@code https://app.example:8443}
     */
    public WebPageRule(String listenHost, List<String> allowedHosts, List<String> allowedOrigins) {
        this.origins = new WebOrigins(allowedOrigins);
        this.loopback = HostNames.isLoopback(listenHost);
        this.hosts = Stream
                .concat(Stream.of("localhost", listenHost), allowedHosts.stream())
                .map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The refusal of a request, or null if it may go on.
     *
     * @param host the value of this header field, or null if there is none
     * @param origins the values of all header fields {@code Origin}
     * @param secFetchSite the value of this header field, or null if there is none
     */
    @Nullable
    ErrorBody refusal(@Nullable String host, List<String> origins, @Nullable String secFetchSite) {
        if (loopback && host != null && !isOurs(HostNames.nameOf(host))) {
            return forbidden("the sidecar does not know itself by this host name: if it should, add the name to"
                    + " SIDECAR_ALLOWED_HOSTS");
        }
        var allowed = allows(origins);
        if (!allowed && (!origins.isEmpty() || "cross-site".equalsIgnoreCase(secFetchSite))) {
            return forbidden("this web page may not use the sidecar: if it should, add its origin, such as"
                    + " https://app.example, to SIDECAR_ALLOWED_ORIGINS");
        }
        return null;
    }

    /** Whether the request names an allowed page, by exactly one origin. */
    boolean allows(List<String> requestOrigins) {
        return requestOrigins.size() == 1 && origins.allow(requestOrigins.getFirst());
    }

    private boolean isOurs(String name) {
        return HostNames.isAddress(name) || hosts.contains(name);
    }

    private static ErrorBody forbidden(String why) {
        return ErrorBody.authentication(403, "forbidden", why);
    }
}
