package dev.sidecar.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/** What can be told from a {@code Host} header field or a host setting. Stateless and thread-safe. */
public final class HostNames {

    /** An address is no name, so nobody can make it point elsewhere. */
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

    /** Whether who listens on this address or name can be reached from this machine only. May ask the DNS. */
    public static boolean isLoopback(String listenHost) {
        try {
            return InetAddress.getByName(listenHost).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // then nothing can listen there either
        }
    }
}
