package dev.sidecar.config;

/** The format of log lines. */
public enum LogFormat {
    /** {@link #TEXT} when standard output is a terminal, otherwise {@link #JSON}. */
    AUTO,
    /** One JSON object a line. */
    JSON,
    /** For human readers. */
    TEXT;

    /** The format in force. */
    @SuppressWarnings("SystemConsoleNull") // it may be null when the console module is missing
    public LogFormat resolved() {
        if (this != AUTO) {
            return this;
        }
        var console = System.console();
        return console != null && console.isTerminal() ? TEXT : JSON;
    }
}
