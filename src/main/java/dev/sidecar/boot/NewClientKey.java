package dev.sidecar.boot;

import dev.sidecar.clients.ClientKey;
import java.security.SecureRandom;

/** {@code java -jar nvidia-sidecar.jar --new-client-key}: a new key for a client, and its hash for the file. */
public final class NewClientKey {

    private NewClientKey() {
    }

    /** @return two lines; the key is nowhere else */
    public static String text(SecureRandom random) {
        var key = ClientKey.next(random);
        return "key:        " + key + "\nkey-sha256: " + ClientKey.hash(key);
    }
}
