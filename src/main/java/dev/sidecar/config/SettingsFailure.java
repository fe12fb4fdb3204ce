package dev.sidecar.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * A start that failed because of settings: it has a line for each wrong setting, so that you can correct all before the
 * next start. Immutable.
 */
public final class SettingsFailure extends FailureAnalysis {

    private static final Pattern VARIABLE = Pattern.compile("SIDECAR_[A-Z0-9_]+");

    private final List<String> lines;

    private SettingsFailure(List<String> lines, Throwable cause) {
        super(String.join("\n", lines), null, cause);
        this.lines = List.copyOf(lines);
    }

    /** @param first the reason of the failed start; the lines after it are about other settings */
    public static SettingsFailure of(String first, Throwable cause, BeanFactory beans, Environment environment) {
        var lines = new ArrayList<>(List.of(first));
        if (beans instanceof ConfigurableListableBeanFactory ours) {
            SettingsProblems.in(ours, environment).stream()
                    .filter(line -> !variable(line).equals(variable(first))).forEach(lines::add);
        }
        return new SettingsFailure(lines, cause);
    }

    private static String variable(String line) {
        var matcher = VARIABLE.matcher(line);
        return matcher.lookingAt() ? matcher.group() : line;
    }

    List<String> lines() {
        return lines;
    }
}
