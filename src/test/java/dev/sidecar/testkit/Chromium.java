package dev.sidecar.testkit;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.impl.driver.Driver;
import dev.sidecar.testkit.BrowserSearch.Way;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A Chromium without a window, driven by Playwright, which this finds or fetches by itself. Start it once for a class. The
 * first start on a machine that has none may take minutes.
 */
public final class Chromium implements AutoCloseable {

    /** The environment variable that names a program; then no other one is looked for. */
    static final String VARIABLE = "CHROMIUM_PATH";

    private static final String NO_DOWNLOAD = "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD";
    private static final String DOWNLOAD_PATIENCE = "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT";
    private static final Path WORK = Path.of("target", "chromium");
    private static final double LONGEST_LAUNCH_MILLIS = 60_000;
    /** A download writes a line for each tenth. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(2);
    private static final Duration LONGEST_INSTALLATION = Duration.ofMinutes(15);

    /** One search at a time, in this process; a file is the lock between processes. */
    private static final ReentrantLock SEARCH = new ReentrantLock();
    /** That there is none is found out once: the second class to ask must not wait as long as the first. */
    private static final AtomicReference<@Nullable AssertionError> NONE = new AtomicReference<>();

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** @throws AssertionError when there is none and none can be had, with one line that says what to do */
    public static Chromium start() {
        SEARCH.lock();
        try {
            var none = NONE.get();
            if (none != null) {
                throw none;
            }
            Files.createDirectories(WORK);
            try (var file = FileChannel.open(WORK.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = file.lock()) {
                return find();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (AssertionError e) {
            NONE.set(e);
            throw e;
        } finally {
            SEARCH.unlock();
        }
    }

    private static Chromium find() {
        // Creating it would download all the browsers that Playwright knows.
        var playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of(NO_DOWNLOAD, "1")));
        try {
            return new Chromium(playwright, new BrowserSearch<Browser>().first(ways(playwright)));
        } catch (RuntimeException | Error e) {
            playwright.close();
            throw e;
        }
    }

    private static List<Way<Browser>> ways(Playwright playwright) {
        var named = System.getenv(VARIABLE);
        if (named != null && !named.isBlank()) {
            return List.of(new Way<>(VARIABLE + "=" + named, () -> launch(playwright, Path.of(named))));
        }
        var ways = new ArrayList<Way<Browser>>();
        for (var program : installed()) {
            ways.add(new Way<>(program.toString(), () -> launch(playwright, program)));
        }
        ways.add(new Way<>("Playwright's download", () -> {
            download();
            return launch(playwright, null);
        }));
        ways.add(new Way<>("Debian's package", () -> {
            installPackage();
            return launch(playwright, installed().stream().findFirst()
                    .orElseThrow(() -> new IOException("it brought no program")));
        }));
        return ways;
    }

    private static List<Path> installed() {
        return BrowserPrograms.installed(System.getProperty("os.name"), System.getenv(), Files::isExecutable);
    }

    /** Does nothing where it has been downloaded before. */
    private static void download() throws IOException {
        var program = Driver.ensureDriverInstalled(Map.of(), false).createProcessBuilder();
        program.command().addAll(List.of("install", "--only-shell", "chromium"));
        var environment = program.environment();
        if (!System.getenv().containsKey(NO_DOWNLOAD)) {
            environment.remove(NO_DOWNLOAD);
        }
        environment.putIfAbsent(DOWNLOAD_PATIENCE, "10000"); // for each of five attempts; else 30 s
        announce("downloading a Chromium for the browser tests");
        Command.run(program, WORK.resolve("download.log"), LONGEST_SILENCE, LONGEST_INSTALLATION);
    }

    private static void installPackage() throws IOException {
        if (!System.getProperty("user.name").equals("root") || !Files.isExecutable(Path.of("/usr/bin/apt-get"))) {
            throw new IOException("only for root on a Debian");
        }
        announce("installing the package chromium for the browser tests");
        try {
            aptGet("update");
        } catch (IOException e) {
            announce("apt-get update: " + e.getMessage()); // the lists that are there may do
        }
        aptGet("install", "-y", "--no-install-recommends", "chromium");
    }

    private static void aptGet(String... arguments) throws IOException {
        var program = new ProcessBuilder("/usr/bin/apt-get", "-o", "DPkg::Lock::Timeout=300");
        program.command().addAll(List.of(arguments));
        program.environment().put("DEBIAN_FRONTEND", "noninteractive");
        Command.run(program, WORK.resolve("apt-get-" + arguments[0] + ".log"), Duration.ofMinutes(6),
                LONGEST_INSTALLATION);
    }

    private static Browser launch(Playwright playwright, @Nullable Path program) {
        var options = new BrowserType.LaunchOptions().setHeadless(true).setArgs(arguments())
                .setTimeout(LONGEST_LAUNCH_MILLIS);
        return playwright.chromium().launch(program == null ? options : options.setExecutablePath(program));
    }

    private static List<String> arguments() {
        var arguments = new ArrayList<>(List.of("--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync"));
        if (System.getProperty("user.name").equals("root")) {
            arguments.add("--no-sandbox"); // which does not work for root
        }
        return arguments;
    }

    /** What takes minutes is said while it does. */
    private static void announce(String what) {
        System.out.println("browser tests: " + what);
    }

    public Browser browser() {
        return browser;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
