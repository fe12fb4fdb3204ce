package dev.sidecar.boot;

import dev.sidecar.config.SettingsException;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.state.FolderInUseException;
import dev.sidecar.state.StateFolder;
import dev.sidecar.throttle.NanoClock;
import java.nio.file.Path;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;

/** What outlives the process. Without {@code SIDECAR_STATE_DIR} nothing is made. */
@Configuration(proxyBeanMethods = false)
class StateConfiguration {

    @Bean
    StateInUse stateInUse(SidecarProperties settings, NanoClock clock, Environment environment) {
        // A check of the routes sends nothing, and may run beside the sidecar that has the folder.
        return environment.acceptsProfiles(Profiles.of(CheckRoutes.PROFILE))
                ? StateInUse.NONE
                : settings.stateFolder().map(folder -> new StateInUse(open(folder, clock))).orElse(StateInUse.NONE);
    }

    private static StateFolder open(Path folder, NanoClock clock) {
        try {
            return StateFolder.open(folder, clock, Clock.systemUTC());
        } catch (FolderInUseException e) {
            throw new SettingsException("SIDECAR_STATE_DIR: " + e.getMessage());
        }
    }
}
