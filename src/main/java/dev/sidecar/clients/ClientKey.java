package dev.sidecar.clients;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** The form of clients' keys, and their hashes. Stateless. */
public final class ClientKey {

    /** How the keys begin that {@code --new-client-key} makes, so that scanners for leaked secrets find them. */
    static final String PREFIX = "sk-sidecar-";

    private static final int RANDOM_BYTES = 32;

    private ClientKey() {
    }

    /** A new key that nobody can guess. */
    public static String next(SecureRandom random) {
        var bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Whether it can only be a key of a sidecar. */
    static boolean isOfASidecar(String key) {
        return key.startsWith(PREFIX);
    }

    /** Its SHA-256 in lower-case hexadecimal, as it is in the file. */
    public static String hash(String key) {
        try {
            return HexFormat.of().formatHex(
                    MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
