package dev.sidecar.configfile;

import dev.sidecar.files.FileProblem;
import dev.sidecar.files.RefusedEdit;
import dev.sidecar.http.UnixTime;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Holds what the file says, and tells those who use it of each change. Written by one thread at a time; any thread may
 * read.
 */
public final class ConfigInForce {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigInForce.class);

    private final ConfigAtStart start;
    private final List<Consumer<SidecarConfig>> users;
    private final Clock wallClock;
    private volatile @Nullable Loaded current;
    private volatile @Nullable RefusedEdit failure;

    private record Loaded(SidecarConfig config, Instant at) {
    }

    /**
     * @param start what {@link #begin()} puts in force; where no file is set nothing ever is
     * @param users called for each change, in this order; they must not fail with a file that has no problems
     */
    public ConfigInForce(ConfigAtStart start, List<Consumer<SidecarConfig>> users, Clock wallClock) {
        this.start = start;
        this.users = List.copyOf(users);
        this.wallClock = wallClock;
    }

    Optional<ConfigFile> file() {
        return Optional.ofNullable(start.file());
    }

    /** Puts the file in force for the first time. */
    public void begin() {
        var file = start.file();
        var config = start.config();
        if (file != null && config != null) {
            put(config);
            applied(file, config).log("config_applied");
        }
    }

    /** The log line that says what is in force. */
    static LoggingEventBuilder applied(ConfigFile file, SidecarConfig config) {
        var line = LOG.atInfo().addKeyValue("file", file.name()).addKeyValue("clients", config.clients().size());
        return config.providers() == null
                ? line
                : line.addKeyValue("providers", config.providerCount()).addKeyValue("keys", config.keyCount());
    }

    /** @throws ConfigProblemsException when the file cannot take the place of what is in force */
    SidecarConfig read(ConfigFile file) {
        var loaded = current;
        return loaded == null ? file.read() : file.readInPlaceOf(loaded.config);
    }

    /** Returns when all users have been told. */
    void put(SidecarConfig config) {
        users.forEach(user -> user.accept(config));
        current = new Loaded(config, wallClock.instant());
        failure = null;
    }

    /** Whether this is what is in force; if so, an earlier refusal is forgotten. */
    boolean agrees(SidecarConfig config) {
        var loaded = current;
        if (loaded == null || !loaded.config.equals(config)) {
            return false;
        }
        failure = null;
        return true;
    }

    /** A change was refused; what is in force stays. */
    void refused(List<FileProblem> problems) {
        failure = RefusedEdit.at(wallClock.instant(), problems);
    }

    /** Nothing where no file is set. */
    public Optional<ConfigFileReport> report() {
        var loaded = current;
        var file = start.file();
        return file == null || loaded == null
                ? Optional.empty()
                : Optional.of(new ConfigFileReport(file.name(), UnixTime.seconds(loaded.at),
                        loaded.config.clients().size(), loaded.config.providerCount(), loaded.config.keyCount(),
                        failure));
    }
}
