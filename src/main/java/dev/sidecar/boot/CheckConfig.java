package dev.sidecar.boot;

import dev.sidecar.configfile.ConfigFile;
import dev.sidecar.configfile.ConfigProblemsException;
import dev.sidecar.files.FileProblem;

/**
 * {@code java -jar nvidia-sidecar.jar --check-config FILE}: whether a file could be put in force as {@code SIDECAR_CONFIG}, by
 * the same checks. Every problem is a line on standard error, {@code file:line:column: reason}.
 */
public final class CheckConfig {

    private static final int GOOD = 0;
    private static final int REFUSED = 1;

    private CheckConfig() {
    }

    /** @return the process's exit status */
    public static int run(CommandLine.CheckConfig asked) {
        try {
            System.out.println(asked.file() + ": good, " + new ConfigFile(asked.file()).read().summary());
            return GOOD;
        } catch (ConfigProblemsException e) {
            e.problems().stream().map(FileProblem::toString).forEach(System.err::println);
            return REFUSED;
        }
    }
}
