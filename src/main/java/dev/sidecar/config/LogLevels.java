package dev.sidecar.config;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.stereotype.Component;

/** Puts {@code SIDECAR_LOG_LEVEL} into force: at the start, after its validation, and at each change. */
@Component
public final class LogLevels {

    LogLevels(SidecarProperties settings, LoggingSystem logging) {
        apply(logging, settings.live().logLevel());
    }

    /** @param level in capitals */
    public static void apply(LoggingSystem logging, String level) {
        logging.setLogLevel("dev.sidecar", LogLevel.valueOf(level));
    }
}
