package dev.sidecar.config;

/** The program cannot start with these settings; the message is one line that says what to do. */
public final class SettingsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }
}
