package dev.sidecar.reload;

import dev.sidecar.files.FileProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The references of a route file to the environment, in placeholders and expressions. Routes may not read the sidecar's
 * own secrets. They may read other variables, such as another provider's key; the report to the operator names these.
 *
 * <p>It helps against mistakes, not against an editor of routes who evades it.
 */
final class SecretReferences {

    private static final Pattern REFERENCE = Pattern.compile("\\{\\{(.*?)\\}\\}|\\$\\{(.*?)\\}");
    private static final Pattern ENVIRONMENT = Pattern
            .compile("(?i)\\b(?:env|sysenv)[:.]\\s*([A-Za-z_][A-Za-z0-9_.-]*)");
    /** Framework beans that know all settings, and beans with the secret ones or with providers' keys. */
    private static final Pattern ALL_SETTINGS = Pattern.compile(
            "(?:bean[:.]|ref[:.]|ref:\\s+'?|#)(?:bean:)?(environment|systemEnvironment|systemProperties|sidecar[A-Za-z.-]*roperties"
                    + "|configAtStart|configInForce|providersInForce)\\b");
    private static final Set<String> OWN_SECRETS = Set.of("sidecarapikey", "sidecaradmintoken", "sidecarredisurl");

    private SecretReferences() {
    }

    static List<FileProblem> problems(RouteFile file) {
        var problems = new ArrayList<FileProblem>();
        lines(file, (line, number) -> {
            var reference = REFERENCE.matcher(line);
            while (reference.find()) {
                var inside = inside(reference);
                if (OWN_SECRETS.stream().anyMatch(normalized(inside)::contains)) {
                    problems.add(new FileProblem(file.name(), number, reference.start() + 1, "'" + reference.group()
                            + "' is a secret of the sidecar's, which no route may read; the step 'upstreamRequest' puts the"
                            + " provider's key in its place"));
                }
            }
            var settings = ALL_SETTINGS.matcher(line);
            while (settings.find()) {
                problems.add(new FileProblem(file.name(), number, settings.start() + 1,
                        "the bean '" + settings.group(1) + "' knows the sidecar's secrets, which no route may read"));
            }
        });
        return problems;
    }

    /** Names of the environment variables that routes read. */
    static Set<String> environment(List<RouteFile> files) {
        var names = new TreeSet<String>();
        files.forEach(file -> lines(file, (line, number) -> {
            var reference = REFERENCE.matcher(line);
            while (reference.find()) {
                var variable = ENVIRONMENT.matcher(inside(reference));
                while (variable.find()) {
                    names.add(variable.group(1));
                }
            }
        }));
        return names;
    }

    private static String inside(Matcher reference) {
        return reference.group(1) == null ? reference.group(2) : reference.group(1);
    }

    /** The same text for every spelling: {@code sidecar.api-key}, {@code SIDECAR_API_KEY}, {@code sidecar.apiKey}. */
    private static String normalized(String name) {
        return name.replaceAll("[._-]", "").toLowerCase(Locale.ROOT);
    }

    private static void lines(RouteFile file, BiConsumer<String, Integer> each) {
        var number = 0;
        for (var line : file.text().lines().toList()) {
            number++;
            if (!line.stripLeading().startsWith("#")) {
                each.accept(line, number);
            }
        }
    }
}
