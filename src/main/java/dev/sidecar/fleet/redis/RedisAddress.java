package dev.sidecar.fleet.redis;

import dev.sidecar.config.Secret;
import dev.sidecar.config.SettingsException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Where Redis is and how to log in there. Only host and port are ever shown. Immutable, if nobody changes the URI. */
final class RedisAddress {

    private static final String LOG_IN = "([^@/?#]*@)?";
    private static final String HOST = "([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?";
    private static final String DATABASE_AND_QUERY = "(/[0-9]*)?(\\?[^@#]*)?";
    /** Strict, so that no part of a password with special characters is taken for a host, which is shown. */
    private static final Pattern URL = Pattern.compile("rediss?://" + LOG_IN + HOST + DATABASE_AND_QUERY
            + "|rediss?-sentinel://" + LOG_IN + HOST + "(," + HOST + ")*" + DATABASE_AND_QUERY + "#[^@#]+");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.[0-9.]+|\\[?::1]?");

    private final RedisURI uri;

    private RedisAddress(RedisURI uri) {
        this.uri = uri;
    }

    /**
     * @param patience with the log-in
     * @throws SettingsException when the URL cannot be used; it does not show the URL
     */
    static RedisAddress of(Secret url, Duration patience) {
        var text = url.reveal();
        if (!URL.matcher(text).matches()) {
            throw unusable();
        }
        try {
            var uri = RedisURI.create(text);
            hosts(uri).forEach(each -> each.setTimeout(patience));
            uri.setTimeout(patience);
            uri.setVerifyPeer(SslVerifyMode.FULL);
            return new RedisAddress(uri);
        } catch (IllegalArgumentException withTheUrlInItsMessage) {
            throw unusable();
        }
    }

    private static SettingsException unusable() {
        return new SettingsException("SIDECAR_REDIS_URL: must be such as redis://host:6379, "
                + "rediss://user:password@host:6379/0 or redis-sentinel://host:26379,other:26379/0#name, with special "
                + "characters of the password percent-encoded");
    }

    private static List<RedisURI> hosts(RedisURI uri) {
        return uri.getSentinels().isEmpty() ? List.of(uri) : uri.getSentinels();
    }

    RedisURI uri() {
        return uri;
    }

    /** Host and port, for the log. */
    String shown() {
        return hosts(uri).stream().map(each -> each.getHost() + ":" + each.getPort()).collect(Collectors.joining(","));
    }

    /** What an operator should know of this address at the start; nothing if all is well. */
    Optional<String> warning() {
        var plain = !uri.isSsl() && !hosts(uri).stream().allMatch(each -> LOOPBACK.matcher(each.getHost()).matches());
        return plain
                ? Optional.of("SIDECAR_REDIS_URL has no TLS: who can listen on the way to " + shown()
                        + " reads its password and what replicas tell each other; use rediss://")
                : Optional.empty();
    }

    @Override
    public String toString() {
        return shown();
    }
}
