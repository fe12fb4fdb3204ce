package dev.sidecar.config;

import java.util.Locale;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.stereotype.Component;

/** Puts {@code SIDECAR_LOG_LEVEL} into force once it is known to be one. */
@Component
class LogLevelSetting {

    LogLevelSetting(SidecarProperties settings, LoggingSystem logging) {
        logging.setLogLevel("dev.sidecar", LogLevel.valueOf(settings.logLevel().toUpperCase(Locale.ROOT)));
    }
}
