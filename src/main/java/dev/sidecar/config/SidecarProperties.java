package dev.sidecar.config;

import dev.sidecar.throttle.budget.Pacing;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.validation.annotation.Validated;

/**
 * Every setting of the sidecar, as read at the start. Each property {@code sidecar.some-name} is the environment
 * variable {@code SIDECAR_SOME_NAME}; durations without a unit are seconds.
 *
 * <p>Immutable. The settings that an administrator may change while the program runs are a copy of some of these.
 *
 * @param host address that both servers listen on
 * @param port port of the proxy; 0 picks a free one
 * @param metricsPort port of the management server; 0 picks a free one
 * @param upstream base URL of the provider, with or without a trailing {@code /v1} or {@code /}
 * @param apiKey the provider's key, absent only under the demo profile
 * @param provider value of the {@code provider} tag
 * @param rateRpm the provider's limit, requests in any 60 s
 * @param rateTpm the provider's limit of tokens in any 60 s; 0 if there is none
 * @param bucketCapacity largest burst sent from an idle state
 * @param pacing how the budget is spread over the minute
 * @param timeout longest wait for the first upstream byte, and longest silence within a request or response body
 * @param queueTimeout longest wait in the queue of {@code high} and {@code normal}; or the client's own time limit, if
 *        it is shorter
 * @param queueMax requests that may wait
 * @param lowTimeout longest wait of a low-priority request
 * @param heartbeat how long a streamed request waits until its client is told so; 0 for never
 * @param fallbackPassthrough whether a full queue forwards at once without a slot
 * @param logLevel level of the sidecar's own loggers
 * @param logFormat format of log lines
 * @param adminToken bearer token of the admin API
 * @param allowedHosts further names by which browsers may reach the sidecar
 * @param allowedOrigins web pages that may use {@code /v1} from a browser
 * @param hawtio the permission of Hawtio: off, read-only or read-write
 * @param maxBodyBytes largest request body, in bytes
 * @param shutdownGrace how long queued and running requests may go on after SIGTERM
 * @param routesDir the folder of YAML routes
 * @param allowRoutesWithoutThrottle whether the routes may bypass the throttle completely
 * @param config the file with clients and providers; none by default
 * @param stateDir the folder where the window of the minute survives a restart; none by default
 * @param redisUrl where replicas share one budget and one queue; none by default
 * @param fleet the name that replicas which share one budget have in common
 * @param replicaId the name of this replica in the fleet; by default host name and port
 */
@Validated
@ConfigurationProperties("sidecar")
public record SidecarProperties(
        @NotBlank @DefaultValue("127.0.0.1") String host,
        @Min(0) @Max(65535) @DefaultValue("9190") int port,
        @Min(0) @Max(65535) @DefaultValue("9191") int metricsPort,
        @DefaultValue("https://integrate.api.nvidia.com/v1") URI upstream,
        @Nullable Secret apiKey,
        @Pattern(regexp = "[A-Za-z0-9._-]{1,64}", message = "must be 1 to 64 letters, digits, '.', '_' or '-'") @DefaultValue("nvidia") String provider,
        @Min(1) @Max(1_000_000) @DefaultValue("40") int rateRpm,
        @Min(0) @Max(1_000_000_000) @DefaultValue("0") int rateTpm,
        @Min(1) @Max(1_000_000) @DefaultValue("40") int bucketCapacity,
        @DefaultValue("auto") Pacing pacing,
        @DurationMin(seconds = 1) @DurationMax(seconds = 3600) @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("60") Duration timeout,
        @DurationMin(seconds = 1) @DurationMax(seconds = 3600) @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("150") Duration queueTimeout,
        @Min(1) @Max(1_000_000) @DefaultValue("500") int queueMax,
        @DurationMin(millis = 1) @DurationMax(seconds = 3600) @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("2") Duration lowTimeout,
        @DurationMin(seconds = 0) @DurationMax(seconds = 3600) @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("0") Duration heartbeat,
        @DefaultValue("true") boolean fallbackPassthrough,
        @Pattern(regexp = "(?i)TRACE|DEBUG|INFO|WARN|ERROR|OFF", message = "must be one of TRACE, DEBUG, INFO, WARN, ERROR, OFF") @DefaultValue("INFO") String logLevel,
        @DefaultValue("auto") LogFormat logFormat,
        @Nullable Secret adminToken,
        @DefaultValue( {
        }) List<@Pattern(regexp = "[A-Za-z0-9._:-]{1,253}", message = "must be host names, separated by commas, without ports") String> allowedHosts,
        @DefaultValue({
        }) List<@Pattern(regexp = "(?i)[a-z][a-z0-9+.-]*://(\\[[0-9a-f:.]+\\]|[a-z0-9._-]+)(:[0-9]{1,5})?", message = "must be origins such as https://app.example or http://10.0.0.5:8080, separated by commas, without a path") String> allowedOrigins,
        @Pattern(regexp = "off|read-only|read-write", message = "must be one of off, read-only, read-write") @DefaultValue("read-only") String hawtio,
        @Min(1024) @Max(1_073_741_824) @DefaultValue("33554432") int maxBodyBytes,
        @DurationMin(seconds = 0) @DurationMax(seconds = 3600) @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("30") Duration shutdownGrace,
        @NotBlank @DefaultValue("routes") String routesDir,
        @DefaultValue("false") boolean allowRoutesWithoutThrottle,
        @Nullable String config,
        @Nullable String stateDir,
        @Nullable Secret redisUrl,
        @Pattern(regexp = "[A-Za-z0-9._:-]{1,64}", message = "must be 1 to 64 letters, digits, '.', '_', ':' or '-'") @DefaultValue("sidecar") String fleet,
        @Pattern(regexp = "[A-Za-z0-9._:-]{0,64}", message = "must be 1 to 64 letters, digits, '.', '_', ':' or '-'") @Nullable String replicaId){

    /** The file with clients and providers; nothing if it is not set. */
    public Optional<Path> configFile() {
        return path(config);
    }

    /** The folder where the window of the minute survives a restart; nothing if it is not set. */
    public Optional<Path> stateFolder() {
        return path(stateDir);
    }

    private static Optional<Path> path(@Nullable String setting) {
        return setting == null || setting.isBlank() ? Optional.empty() : Optional.of(Path.of(setting.strip()));
    }

    /** The initial values of the settings that an administrator may change while the program runs. */
    public LiveSettings live() {
        // With clients nobody passes the queue: that would be more than a fair share.
        return new LiveSettings(rateRpm, bucketCapacity, timeout, queueTimeout, queueMax, lowTimeout,
                fallbackPassthrough && configFile().isEmpty(),
                logLevel.toUpperCase(Locale.ROOT));
    }
}
