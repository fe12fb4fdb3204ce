package dev.sidecar.fleet;

import dev.sidecar.config.Secret;
import dev.sidecar.config.SettingsException;
import dev.sidecar.config.SidecarProperties;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Where the fleet meets, its name, and who this replica is in it. Immutable.
 *
 * @param url of Redis; may hold a password
 * @param fleet replicas with the same name share one budget
 * @param replica the name of this replica, different from all others of the fleet
 * @param lease how long a leader stays the leader without renewing
 */
public record FleetSettings(Secret url, String fleet, String replica, Duration lease) {

    public static final Duration LEASE = Duration.ofSeconds(3);

    private static final Pattern NOT_OF_A_NAME = Pattern.compile("[^A-Za-z0-9._:-]");
    private static final int LONGEST_NAME = 64;
    /** With what tells its processes apart. */
    private static final int LONGEST_HOME = 80;

    public FleetSettings {
        name("fleet", fleet, LONGEST_NAME);
        name("replica", replica, LONGEST_HOME);
        if (lease.toMillis() < 1) {
            throw new IllegalArgumentException("the lease must be at least a millisecond, got " + lease);
        }
    }

    private static void name(String of, String name, int longest) {
        if (name.isEmpty() || name.length() > longest || NOT_OF_A_NAME.matcher(name).find()) {
            throw new IllegalArgumentException("the name of a " + of + " must be 1 to " + longest
                    + " letters, digits, '.', '_', ':' or '-', got " + name);
        }
    }

    /** The same under another name. */
    public FleetSettings named(String name) {
        return new FleetSettings(url, fleet, name, lease);
    }

    /**
     * Nothing without {@code SIDECAR_REDIS_URL}: then this replica is alone.
     *
     * @param hostName of this machine, asked only where no name is set
     * @throws SettingsException when this replica has neither a name nor a port of its own to be called by
     */
    public static Optional<FleetSettings> of(SidecarProperties settings, Supplier<String> hostName) {
        var url = settings.redisUrl();
        if (url == null) {
            return Optional.empty();
        }
        var given = settings.replicaId();
        var replica = given == null || given.isBlank() ? usual(settings, hostName) : given;
        return Optional.of(new FleetSettings(url, settings.fleet(), replica, LEASE));
    }

    private static String usual(SidecarProperties settings, Supplier<String> hostName) {
        if (settings.port() == 0) {
            throw new SettingsException("SIDECAR_REPLICA_ID is not set: with SIDECAR_PORT=0 a replica needs a name that"
                    + " stays the same over a restart");
        }
        var port = ":" + settings.port();
        var host = NOT_OF_A_NAME.matcher(hostName.get()).replaceAll("-");
        return host.substring(0, Math.min(host.length(), LONGEST_NAME - port.length())) + port;
    }
}
