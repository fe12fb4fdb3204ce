package dev.sidecar.admin;

import dev.sidecar.config.Secret;
import dev.sidecar.http.HostNames;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rule for administrators: a client with the admin token is one. Without a configured token, every client is one
 * while the sidecar listens on a loopback address, and none otherwise. Guessing is slowed down. Thread-safe.
 */
public final class TokenRule {

    private static final Pattern BEARER = Pattern.compile("(?i)bearer +([!-~]+) *");
    private static final Pattern BASIC = Pattern.compile("(?i)basic +([A-Za-z0-9+/=]+) *");

    private final byte @Nullable [] tokenHash;
    private final boolean loopback;
    private final Guesses guesses;
    private final Audit audit;

    /**
     * @param token the admin token, or null if there is none
     * @param listenHost the address on which the sidecar listens
     * @param guesses counts each wrong token
     * @param audit logs each blocked address
     */
    public TokenRule(@Nullable Secret token, String listenHost, Guesses guesses, Audit audit) {
        this.guesses = guesses;
        this.audit = audit;
        this.tokenHash = token == null || token.reveal().isEmpty() ? null : hash(token.reveal());
        this.loopback = HostNames.isLoopback(listenHost);
    }

    /**
     * Checks the field {@code Authorization}: only a bearer token counts (RFC 6750 §2.1).
     *
     * @param address the address of the client
     */
    Access byBearer(@Nullable String authorization, String address) {
        return check(group(BEARER, authorization), address, "send it as 'Authorization: Bearer <SIDECAR_ADMIN_TOKEN>'");
    }

    /** The same for browsers, which may also send a password: it is the token, with any user name. */
    Access byBearerOrPassword(@Nullable String authorization, String address) {
        var token = group(BEARER, authorization);
        return check(token == null ? password(authorization) : token, address,
                "give it as a bearer token, or as the password of any user");
    }

    /**
     * Whether a client may see who the others are: everyone on this machine, an administrator from elsewhere. A request
     * without a token is no guess.
     */
    boolean mayNameClients(@Nullable String authorization, String address) {
        return loopback || authorization != null && byBearer(authorization, address) instanceof Access.Granted;
    }

    private Access check(@Nullable String token, String address, String how) {
        if (tokenHash == null) {
            return loopback
                    ? Access.GRANTED
                    : Access.forbidden("this is closed, because the sidecar listens on more than the loopback address"
                            + " and no admin token is set: set SIDECAR_ADMIN_TOKEN");
        }
        if (token == null) {
            return Access.unauthorized("this needs the admin token: " + how);
        }
        // Hashes have one length, so the time of the comparison reveals nothing, not even the token's length.
        return MessageDigest.isEqual(tokenHash, hash(token)) ? Access.GRANTED : wrong(address);
    }

    private Access wrong(String address) {
        return switch (guesses.wrong(address)) {
            case Guesses.Verdict.Counted counted -> Access.forbidden("this is not the admin token");
            case Guesses.Verdict.Blocked(var remaining, var first) -> {
                if (first) {
                    audit.blocked(address);
                }
                yield Access.tooManyGuesses(remaining);
            }
        };
    }

    private static @Nullable String group(Pattern pattern, @Nullable String authorization) {
        var matcher = pattern.matcher(authorization == null ? "" : authorization.strip());
        return matcher.matches() ? matcher.group(1) : null;
    }

    /** RFC 7617 §2. */
    private static @Nullable String password(@Nullable String authorization) {
        var encoded = group(BASIC, authorization);
        if (encoded == null) {
            return null;
        }
        try {
            var plain = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            return plain.substring(plain.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
