package dev.sidecar.testkit;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The Chromium that is installed on this machine, driven by Playwright. Start it once for a class. */
public final class Chromium implements AutoCloseable {

    private static final String VARIABLE = "CHROMIUM_PATH";
    private static final List<String> USUAL_PLACES = List.of("/usr/bin/chromium", "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    public static Chromium start() {
        var program = find();
        var playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        try {
            return new Chromium(playwright, playwright.chromium().launch(
                    new BrowserType.LaunchOptions().setExecutablePath(program).setHeadless(true).setArgs(arguments())));
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    private static Path find() {
        var named = System.getenv(VARIABLE);
        return Stream.concat(Stream.ofNullable(named), USUAL_PLACES.stream()).map(Path::of).filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no Chromium: install one (apt-get install -y chromium)"
                        + " or give its path in the environment variable " + VARIABLE));
    }

    private static List<String> arguments() {
        var arguments = new ArrayList<>(List.of("--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync"));
        if (System.getProperty("user.name").equals("root")) {
            arguments.add("--no-sandbox"); // which does not work for root
        }
        return arguments;
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
