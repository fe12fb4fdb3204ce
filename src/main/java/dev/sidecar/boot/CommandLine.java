package dev.sidecar.boot;

import dev.sidecar.config.SettingName;
import dev.sidecar.config.Suggestion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the program is asked to do, read from its arguments. */
public sealed interface CommandLine {

    /** The settings among the arguments, {@code --sidecar.rate-rpm=60} and Spring's own. */
    record Start(List<String> settings) implements CommandLine {
    }

    record CheckRoutes(String folder, List<String> settings) implements CommandLine {
    }

    record CheckConfig(Path file) implements CommandLine {
    }

    record NewClientKey() implements CommandLine {
    }

    /** @param file of settings that go before those of the environment; null for none */
    record Proving(@Nullable Path file, List<String> settings) implements CommandLine {
    }

    record Help() implements CommandLine {
    }

    record Version() implements CommandLine {
    }

    /** @param complaint one line, without values: they may be secrets */
    record Misuse(String complaint) implements CommandLine {
    }

    String HELP = "--help";
    String VERSION = "--version";
    String CHECK_ROUTES = "--check-routes";
    String CHECK_CONFIG = "--check-config";
    String NEW_CLIENT_KEY = "--new-client-key";
    String PROVING = "--proving";

    /** Modes that need a path. */
    List<String> PATH_MODES = List.of(CHECK_ROUTES, CHECK_CONFIG);

    /** How the names of settings begin that something here reads. */
    List<String> ROOTS = List.of("sidecar", "spring", "logging", "server", "management", "camel", "hawtio", "jolokia");
    /** Spring Boot's, which need no value. */
    List<String> SWITCHES = List.of("--debug", "--trace");

    /** @param settings that there are; asked for only when something is misspelt */
    static CommandLine of(Supplier<List<SettingName>> settings, String... args) {
        var words = List.of(args);
        if (words.contains(HELP) || words.contains("-h")) {
            return new Help();
        }
        if (words.contains(VERSION)) {
            return new Version();
        }
        var given = new ArrayList<String>();
        CommandLine asked = null;
        for (int i = 0; i < args.length; i++) {
            var equals = args[i].indexOf('=');
            var name = equals < 0 ? args[i] : args[i].substring(0, equals);
            var value = equals < 0 ? null : args[i].substring(equals + 1);
            if (isSetting(name)) {
                if (value == null && !SWITCHES.contains(name)) {
                    return new Misuse(name + " needs a value: " + name + "=...");
                }
                given.add(args[i]);
                continue;
            }
            if (PATH_MODES.contains(name) && value == null && i + 1 < args.length && !args[i + 1].startsWith("--")) {
                value = args[++i];
            }
            var mode = mode(name, value, given);
            if (mode == null) {
                return unknown(name, settings.get());
            }
            if (mode instanceof Misuse) {
                return mode;
            }
            if (asked != null) {
                return new Misuse("one thing at a time: " + String.join(" or ", CHECK_ROUTES, CHECK_CONFIG,
                        NEW_CLIENT_KEY, PROVING));
            }
            asked = mode;
        }
        return asked == null ? new Start(given) : asked;
    }

    private static boolean isSetting(String name) {
        return SWITCHES.contains(name) || ROOTS.stream().anyMatch(root -> name.startsWith("--" + root + "."));
    }

    private static @Nullable CommandLine mode(String name, @Nullable String value, List<String> settings) {
        return switch (name) {
            case CHECK_ROUTES -> value == null || value.isBlank()
                    ? new Misuse(CHECK_ROUTES + " needs a folder: " + CHECK_ROUTES + " DIR")
                    : new CheckRoutes(value, settings);
            case CHECK_CONFIG -> value == null || value.isBlank()
                    ? new Misuse(CHECK_CONFIG + " needs a file: " + CHECK_CONFIG + " FILE")
                    : new CheckConfig(Path.of(value));
            case NEW_CLIENT_KEY -> new NewClientKey();
            case PROVING -> new Proving(value == null ? null : Path.of(value), settings);
            default -> null;
        };
    }

    private static Misuse unknown(String name, List<SettingName> settings) {
        if (name.startsWith("SIDECAR_")) {
            return new Misuse(name + " is an environment variable: set it before the command");
        }
        var options = new LinkedHashMap<String, String>();
        Stream.of(HELP, VERSION, CHECK_ROUTES, CHECK_CONFIG, NEW_CLIENT_KEY, PROVING)
                .forEach(option -> options.put(option, option));
        options.put("--spring.profiles.active", "--spring.profiles.active=...");
        for (var setting : settings) {
            var option = "--" + setting.property() + "=...";
            options.put("--" + setting.property(), option);
            options.put("--" + setting.property().replaceFirst("^sidecar\\.", ""), option);
        }
        var meant = Suggestion.of("--" + name.replaceFirst("^-+", ""), options.keySet()).map(options::get);
        return new Misuse((name.startsWith("-") ? "unknown option " : "unknown argument ") + name
                + meant.map(option -> ": did you mean " + option + "?").orElse("; see " + HELP));
    }
}
