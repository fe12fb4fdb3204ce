package dev.sidecar.admin;

import dev.sidecar.http.ErrorBody;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Guards the management port by the rules of the admin API. Open are only {@code /metrics} and the health and build
 * information: orchestrators and scrapers read them without a token, and they contain no more than counts.
 *
 * <p>The open paths are compared as sent, before anything is decoded or resolved: any other spelling is guarded.
 * Thread-safe.
 */
public final class ManagementGuard extends OncePerRequestFilter {

    private static final Set<String> OPEN = Set.of("/metrics", "/actuator/health", "/actuator/health/liveness",
            "/actuator/health/readiness", "/actuator/info");

    private static final Pattern PAGE = Pattern.compile("/hawtio(/[A-Za-z0-9/_-]*)?");

    private final TokenRule token;
    private final SameSiteRule sameSite;
    private final boolean hawtioOff;
    private final Audit audit;

    /** @param hawtioOff whether Hawtio, and Jolokia below it, are closed to all */
    public ManagementGuard(TokenRule token, SameSiteRule sameSite, boolean hawtioOff, Audit audit) {
        this.token = token;
        this.sameSite = sameSite;
        this.hawtioOff = hawtioOff;
        this.audit = audit;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("X-Frame-Options", "DENY");
        if (access(request) instanceof Access.Denied denied) {
            deny(request, response, denied);
        } else {
            chain.doFilter(request, response);
        }
    }

    private Access access(HttpServletRequest request) {
        if (OPEN.contains(request.getRequestURI())) {
            return Access.GRANTED;
        }
        var site = sameSite.check(request.getHeader("Host"), request.getHeader("Origin"),
                request.getHeader("Sec-Fetch-Site"),
                isPage(request.getRequestURI()) && "navigate".equals(request.getHeader("Sec-Fetch-Mode")));
        if (site instanceof Access.Denied) {
            return site;
        }
        if (actsByGet(request)) {
            return new Access.Denied(ErrorBody.invalidRequest(405, "method_not_allowed",
                    "Jolokia is asked by POST here, since a GET may come from another site's page"));
        }
        var known = token.byBearerOrPassword(request.getHeader("Authorization"), request.getRemoteAddr());
        // All guarded paths belong to Hawtio.
        return hawtioOff && known instanceof Access.Granted
                ? new Access.Denied(ErrorBody.invalidRequest(404, "not_found",
                        "nothing is served here; Hawtio is switched off by SIDECAR_HAWTIO"))
                : known;
    }

    /**
     * Jolokia executes and writes by GET too. A link or image on any page can send a GET without its origin; a POST
     * names it in {@code Origin}. The check uses the decoded path, which also selects the servlet.
     */
    private static boolean actsByGet(HttpServletRequest request) {
        var path = request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
        return path.contains("/jolokia/") && !path.endsWith("/jolokia/") && !path.endsWith("/jolokia/version")
                && !request.getMethod().equals("POST");
    }

    /**
     * Whether the path is one of Hawtio's own pages, to which others may link. Data behind the pages and other
     * spellings are not.
     */
    private static boolean isPage(String path) {
        return PAGE.matcher(path).matches() && !path.startsWith("/hawtio/jolokia");
    }

    /** A browser asks for a password only after a 401, so a mistyped password gets a 401 too. */
    private void deny(HttpServletRequest request, HttpServletResponse response, Access.Denied denied)
            throws IOException {
        var error = denied.error();
        var authorization = request.getHeader("Authorization");
        audit.denied(request.getRemoteAddr(), error);
        var mistyped = error.status() == 403 && authorization != null
                && authorization.regionMatches(true, 0, "Basic ", 0, 6);
        response.setStatus(mistyped ? 401 : error.status());
        if (response.getStatus() == 401) {
            response.addHeader("WWW-Authenticate", "Basic realm=\"NVIDIA Sidecar\", charset=\"UTF-8\"");
            response.addHeader("WWW-Authenticate", "Bearer realm=\"NVIDIA Sidecar\"");
        }
        if (denied.retryAfter() != null) {
            response.setHeader("Retry-After",
                    Long.toString(Math.max(1, denied.retryAfter().plusMillis(999).toSeconds())));
        }
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        response.getOutputStream().write(error.toJson());
    }
}
