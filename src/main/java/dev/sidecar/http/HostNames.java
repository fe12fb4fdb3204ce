package dev.sidecar.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads {@code Host} header fields and host settings. Stateless and thread-safe. */
public final class HostNames {

    /** An address cannot be made to point elsewhere, unlike a name. */
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9a-fA-F:.%]+\\]");

    private HostNames() {
    }

    /** The value of a {@code Host} header field without the port, in lower case. */
    public static String nameOf(String host) {
        return host.strip().replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
    }

    /** Whether a name from a {@code Host} header field is an address, IPv6 in brackets. */
    public static boolean isAddress(String name) {
        return ADDRESS.matcher(name).matches();
    }

    /** Whether a server on this address or name is reachable from this machine only. May query the DNS. */
    public static boolean isLoopback(String listenHost) {
        try {
            return InetAddress.getByName(listenHost).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // then nothing can listen there either
        }
    }
}
