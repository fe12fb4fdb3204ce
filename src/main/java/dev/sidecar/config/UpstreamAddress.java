package dev.sidecar.config;

import java.net.URI;
import java.util.Locale;

/**
 * The provider's base URL without its version prefix; the sidecar appends {@code /v1/...}.
 *
 * <p>Operators paste the base URL of their SDK, which ends in {@code /v1}, or the bare host; both mean the same
 * provider. Immutable.
 *
 * @param baseUrl scheme, authority and path prefix, without a trailing {@code /} and without a trailing {@code /v1}
 */
public record UpstreamAddress(String baseUrl) {

    /** @throws SettingsException when the settings name no usable address */
    public static UpstreamAddress of(SidecarProperties settings) {
        try {
            return of(settings.upstream());
        } catch (IllegalArgumentException e) {
            var withPassword = settings.upstream().getRawUserInfo() != null;
            throw new SettingsException(
                    "SIDECAR_UPSTREAM" + (withPassword ? "" : "=" + settings.upstream()) + ": " + e.getMessage());
        }
    }

    /** @throws SettingsException when the settings have no key */
    public static void requireKey(SidecarProperties settings) {
        var key = settings.apiKey();
        if (key == null || key.reveal().isEmpty()) {
            throw new SettingsException("SIDECAR_API_KEY is not set: set it to the provider's key, or try the sidecar"
                    + " without one on a simulated provider with the demo profile (SPRING_PROFILES_ACTIVE=demo)");
        }
    }

    /**
     * @throws IllegalArgumentException when the URL is not an absolute http or https URL without user info, query and
     *     fragment
     */
    public static UpstreamAddress of(URI upstream) {
        var scheme = upstream.getScheme() == null ? "" : upstream.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https") || upstream.getHost() == null) {
            throw new IllegalArgumentException("must be an http:// or https:// URL with a host");
        }
        if (upstream.getRawUserInfo() != null || upstream.getRawQuery() != null || upstream.getRawFragment() != null) {
            throw new IllegalArgumentException("must have no user info, query or fragment");
        }
        var path = upstream.getRawPath().replaceAll("/+$", "");
        if (path.endsWith("/v1")) {
            path = path.substring(0, path.length() - "/v1".length()).replaceAll("/+$", "");
        }
        return new UpstreamAddress(scheme + "://" + upstream.getRawAuthority() + path);
    }
}
