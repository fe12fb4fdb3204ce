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
    public LogFormat resolved() {
        return this != AUTO ? this : Terminal.isThere() ? TEXT : JSON;
    }
}
