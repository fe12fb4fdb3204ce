package dev.sidecar.testkit;

import java.io.File;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where Chromium, Chrome and Edge are when they are installed: under their usual names on the {@code PATH}, and in the usual
 * places of Linux, macOS and Windows.
 */
final class BrowserPrograms {

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome",
            "google-chrome-stable", "microsoft-edge", "microsoft-edge-stable");
    private static final List<String> LINUX = List.of("/usr/bin", "/usr/local/bin", "/snap/bin");
    private static final List<String> LINUX_PROGRAMS = List.of("/opt/google/chrome/chrome",
            "/opt/microsoft/msedge/msedge");
    private static final List<String> MAC_APPLICATIONS = List.of("Chromium.app/Contents/MacOS/Chromium",
            "Google Chrome.app/Contents/MacOS/Google Chrome", "Microsoft Edge.app/Contents/MacOS/Microsoft Edge");
    private static final List<String> WINDOWS = List.of("LOCALAPPDATA", "PROGRAMFILES", "PROGRAMFILES(X86)");
    private static final List<String> WINDOWS_PROGRAMS = List.of("Chromium/Application/chrome.exe",
            "Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe");

    private BrowserPrograms() {
    }

    /**
     * @param system as in the system property {@code os.name}
     * @param environment of which the variables named above count; Windows writes their names in any case
     * @param executable whether there is a program
     */
    static List<Path> installed(String system, Map<String, String> environment, Predicate<Path> executable) {
        var name = system.toLowerCase(Locale.ROOT);
        Stream<String> places;
        if (name.startsWith("windows")) {
            places = WINDOWS.stream().map(variable -> variable(environment, variable)).filter(root -> !root.isBlank())
                    .flatMap(root -> WINDOWS_PROGRAMS.stream().map(program -> root + "/" + program));
        } else if (name.startsWith("mac")) {
            places = Stream.concat(onThePath(environment),
                    Stream.of("/Applications", variable(environment, "HOME") + "/Applications")
                            .flatMap(root -> MAC_APPLICATIONS.stream().map(program -> root + "/" + program)));
        } else {
            places = Stream.of(onThePath(environment),
                    LINUX.stream().flatMap(BrowserPrograms::named), LINUX_PROGRAMS.stream()).flatMap(each -> each);
        }
        return places.flatMap(BrowserPrograms::path).distinct().filter(executable).toList();
    }

    private static Stream<String> onThePath(Map<String, String> environment) {
        return Stream.of(variable(environment, "PATH").split(File.pathSeparator)).filter(folder -> !folder.isBlank())
                .flatMap(BrowserPrograms::named);
    }

    private static Stream<String> named(String folder) {
        return NAMES.stream().map(name -> folder + "/" + name);
    }

    private static String variable(Map<String, String> environment, String name) {
        return environment.entrySet().stream().filter(entry -> entry.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue).findFirst().orElse("");
    }

    /** A PATH may hold anything. */
    private static Stream<Path> path(String written) {
        try {
            return Stream.of(Path.of(written));
        } catch (InvalidPathException e) {
            return Stream.empty();
        }
    }
}
