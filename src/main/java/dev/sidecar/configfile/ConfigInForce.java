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

/**
 * Holds what the file says, and tells those who use it of each change. Written by one thread at a time; any thread may
 * read.
 */
public final class ConfigInForce {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigInForce.class);

    private final @Nullable ConfigFile file;
    private final List<Consumer<SidecarConfig>> users;
    private final Clock wallClock;
    private volatile @Nullable Loaded current;
    private volatile @Nullable RefusedEdit failure;

    private record Loaded(SidecarConfig config, Instant at) {
    }

    /**
     * @param file null where no file is set: then nothing is ever in force
     * @param users called for each change, in this order; they must not fail with a file that has no problems
     */
    public ConfigInForce(@Nullable ConfigFile file, List<Consumer<SidecarConfig>> users, Clock wallClock) {
        this.file = file;
        this.users = List.copyOf(users);
        this.wallClock = wallClock;
    }

    Optional<ConfigFile> file() {
        return Optional.ofNullable(file);
    }

    /**
     * Puts the file in force for the first time.
     *
     * @throws ConfigProblemsException when it cannot be used
     */
    public void begin() {
        if (file != null) {
            var config = file.read();
            put(config);
            LOG.atInfo().addKeyValue("file", file.name()).addKeyValue("clients", config.clients().size())
                    .log("config_applied");
        }
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
        return file == null || loaded == null
                ? Optional.empty()
                : Optional.of(new ConfigFileReport(file.name(), UnixTime.seconds(loaded.at),
                        loaded.config.clients().size(), failure));
    }
}
