package dev.sidecar.config;

import java.util.Map;

/** The terminal that the sidecar was started from, if there is one. */
public final class Terminal {

    private Terminal() {
    }

    /** Whether standard input and output are a terminal. */
    @SuppressWarnings("SystemConsoleNull") // it may be null when the console module is missing
    public static boolean isThere() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    /** Whether a reader sees colours, and wants them. */
    public static boolean takesColours(Map<String, String> environment) {
        return isThere() && wantsColours(environment);
    }

    /** As no-color.org has it: any text in {@code NO_COLOR} says no. */
    static boolean wantsColours(Map<String, String> environment) {
        return environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }
}
