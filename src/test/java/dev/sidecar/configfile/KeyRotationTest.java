package dev.sidecar.configfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.config.Secret;
import dev.sidecar.files.FileProblem;
import dev.sidecar.files.RefusedEdit;
import dev.sidecar.files.WatchPace;
import dev.sidecar.providers.ProviderKey;
import dev.sidecar.throttle.NanoClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A key in a file of its own is replaced while the program runs. */
@Timeout(60)
class KeyRotationTest {

    private static final WatchPace QUICK = new WatchPace(Duration.ofMillis(20), Duration.ofMillis(60));
    private static final String TEXT = "providers: [{name: p, base-url: 'https://p', keys: [{name: a, file: %s}]}]";

    @TempDir
    Path folder;
    private Path configFile;
    private Path keyFile;
    private ConfigInForce inForce;
    private ConfigReloader reloader;
    /** The values of the first key that come into force after the watch has begun, one after the other. */
    private final List<String> values = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws IOException {
        keyFile = folder.resolve("key");
        configFile = Files.writeString(folder.resolve("sidecar.yaml"), TEXT.formatted("key"));
        begin(keyFile);
    }

    @AfterEach
    void stop() {
        reloader.close();
    }

    /** With the value {@code one}. The first look of a watch is a change in any case, so it is waited for. */
    private void begin(Path key) throws IOException {
        Files.writeString(key, "zero");
        var file = new ConfigFile(configFile, Map.of("VARIABLE", "of-the-variable")::get);
        inForce = new ConfigInForce(new ConfigAtStart(file, file.read()), List.of(config -> values.add(value(config))),
                Clock.systemUTC());
        reloader = new ConfigReloader(inForce, QUICK, NanoClock.system());
        inForce.begin();
        Files.writeString(key, "one\n");
        reloader.start();
        await().until(() -> reloader.applied() == 1);
        values.clear();
    }

    private static String value(SidecarConfig config) {
        ProviderKey key = Objects.requireNonNull(config.providers()).first().keys().getFirst();
        return Objects.requireNonNull(key.secret()).reveal();
    }

    @Test
    void aNewValueInTheFileIsPutInForce() throws IOException {
        Files.writeString(keyFile, "two\n");
        await().until(() -> values.contains("two"));
        await().until(() -> reloader.applied() == 2);
        assertThat(values).containsExactly("two");
        assertThat(inForce.report()).hasValueSatisfying(report -> {
            assertThat(report.isCurrent()).isTrue();
            assertThat(report.providers()).isEqualTo(1);
            assertThat(report.keys()).isEqualTo(1);
        });
    }

    /** The size and the time of the file may stay the same. */
    @Test
    void aFileThatTakesThePlaceOfAnotherCounts() throws IOException {
        var other = Files.writeString(folder.resolve("other"), "two\n");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(keyFile));
        Files.move(other, keyFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        await().until(() -> values.contains("two"));
    }

    /** As Kubernetes mounts a Secret: a link to a link that is replaced. */
    @Test
    void aLinkThatIsReplacedIsFollowed() throws IOException {
        var mount = Files.createDirectory(folder.resolve("mount"));
        Files.writeString(Files.createDirectory(mount.resolve("first")).resolve("key"), "one");
        Files.createSymbolicLink(mount.resolve("..data"), Path.of("first"));
        Files.createSymbolicLink(mount.resolve("key"), Path.of("..data", "key"));
        Files.writeString(configFile, TEXT.formatted("mount/key"));
        stop();
        begin(mount.resolve("key"));
        Files.writeString(Files.createDirectory(mount.resolve("second")).resolve("key"), "two");
        Files.createSymbolicLink(mount.resolve("..new"), Path.of("second"));
        Files.move(mount.resolve("..new"), mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        await().until(() -> values.contains("two"));
    }

    /** What is refused names the place in the configuration, and neither the path nor the value. */
    @Test
    void aFileThatIsGoneChangesNothingUntilItIsBack() throws IOException {
        Files.delete(keyFile);
        await().until(() -> !problems().isEmpty());
        assertThat(problems()).containsExactly("sidecar.yaml:1:69: there is no such file");
        assertThat(values).isEmpty();
        Files.writeString(keyFile, "two");
        await().until(() -> problems().isEmpty());
        assertThat(values).containsExactly("two");
        assertThat(reloader.refused()).isEqualTo(1);
    }

    @Test
    void aFileThatARefusedEditNamesIsWaitedFor() throws IOException {
        Files.writeString(configFile, TEXT.formatted("later"));
        await().until(() -> reloader.refused() > 0);
        Files.writeString(folder.resolve("later"), "two");
        await().until(() -> values.contains("two"));
        assertThat(reloader.refused()).isEqualTo(1);
    }

    @Test
    void aKeyThatChangesWhileTheConfigurationIsBrokenIsReadWithTheNextGoodOne() throws IOException {
        Files.writeString(configFile, "providers: [");
        await().until(() -> reloader.refused() == 1);
        Files.writeString(keyFile, "two");
        Files.writeString(configFile, TEXT.formatted("key"));
        await().until(() -> values.contains("two"));
    }

    @Test
    void aKeyMayMoveFromAFileToAVariable() throws IOException {
        Files.writeString(configFile, TEXT.formatted("x").replace("file: x", "env: VARIABLE"));
        await().until(() -> reloader.applied() == 2);
        assertThat(values).containsExactly("of-the-variable");
    }

    @Test
    void aSectionThatGoesNeedsARestart() throws IOException {
        Files.writeString(configFile, "clients: [{name: a}]");
        await().until(() -> !problems().isEmpty());
        assertThat(problems()).containsExactly(
                "sidecar.yaml:1:1: without the section 'providers', which it had at the start, it needs a restart");
        assertThat(values).isEmpty();
    }

    @Test
    void anotherValueIsNoLongerWhatIsInForce() throws IOException {
        stop();
        var file = new ConfigFile(configFile, Map.<String, String>of()::get);
        assertThat(inForce.agrees(file.read())).isTrue();
        Files.writeString(keyFile, " one");
        assertThat(inForce.agrees(file.read())).as("white space around it is no other value").isTrue();
        Files.writeString(keyFile, "two");
        assertThat(inForce.agrees(file.read())).isFalse();
        assertThat(file.read().providers()).satisfies(providers -> assertThat(Objects.requireNonNull(providers)
                .first().keys().getFirst().secret()).isEqualTo(new Secret("two")));
    }

    private List<String> problems() {
        RefusedEdit error = inForce.report().orElseThrow().lastError();
        return error == null ? List.of() : error.problems().stream().map(FileProblem::toString).toList();
    }
}
