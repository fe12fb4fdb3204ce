package dev.sidecar.fleet.redis;

import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log when the connection comes and goes, and each reason once as long as it is away. Not thread-safe: the thread
 * of the link owns it.
 */
final class LinkLog {

    private static final Logger LOG = LoggerFactory.getLogger(LinkLog.class);

    private final String address;
    private final Set<String> said = new HashSet<>();

    /** @param address host and port */
    LinkLog(String address) {
        this.address = address;
    }

    void connected() {
        said.clear();
        LOG.atInfo().addKeyValue("redis", address).log("fleet_connected");
    }

    void disconnected(String cause) {
        if (said.add(cause)) {
            LOG.atWarn().addKeyValue("redis", address).addKeyValue("cause", cause).log("fleet_disconnected");
        }
    }
}
