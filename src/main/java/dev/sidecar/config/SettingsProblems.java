package dev.sidecar.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.bind.validation.ValidationBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.validation.MessageInterpolatorFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.validation.Validator;
import org.springframework.validation.beanvalidation.LocalValidatorFactoryBean;

/**
 * All problems of an application's settings. A start ends at the first wrong setting, and finds the others here. This
 * class binds everything again, without the settings found wrong, until no more are wrong.
 */
final class SettingsProblems {

    /** Only the proxy has this bean; other modes of the program need neither key nor routes. */
    private static final String PROXY_BEAN = "providersInForce";

    private final Environment environment;
    private final Set<String> wrong = new HashSet<>();
    private final List<String> lines = new ArrayList<>();

    private SettingsProblems(Environment environment) {
        this.environment = environment;
    }

    /** @return a line for each problem, such as {@code SIDECAR_PORT=abc: must be a whole number} */
    static List<String> in(ConfigurableListableBeanFactory beans, Environment environment) {
        var problems = new SettingsProblems(environment);
        try (var validator = new LocalValidatorFactoryBean()) {
            validator.setMessageInterpolator(new MessageInterpolatorFactory().getObject());
            validator.afterPropertiesSet();
            for (var type : SettingsRecords.in(beans)) {
                if (problems.bind(type, validator) instanceof SidecarProperties settings
                        && beans.containsBeanDefinition(PROXY_BEAN)) {
                    problems.checkProxySettings(settings);
                }
            }
        }
        return problems.lines;
    }

    /** @return the record, with defaults in place of wrong settings; null when that does not help */
    private @Nullable Object bind(Class<?> type, Validator validator) {
        var prefix = type.getAnnotation(ConfigurationProperties.class).value();
        while (true) {
            try {
                return binder().bindOrCreate(prefix, Bindable.of(type), new ValidationBindHandler(validator));
            } catch (BindException e) {
                var found = SettingsFailureAnalyzer.problems(e);
                if (!wrong.addAll(found.keySet())) {
                    return null;
                }
                lines.addAll(found.values());
            }
        }
    }

    /** A binder of the settings that have not been found wrong. */
    private Binder binder() {
        var sources = new ArrayList<ConfigurationPropertySource>();
        for (var source : ConfigurationPropertySources.get(environment)) {
            sources.add(source.filter(name -> !wrong.contains(SettingName.plain(name.toString()))));
        }
        var conversion = new ApplicationConversionService();
        conversion.addConverter(new SecretConverter());
        return new Binder(sources,
                environment instanceof ConfigurableEnvironment configurable
                        ? new PropertySourcesPlaceholdersResolver(configurable)
                        : null,
                conversion);
    }

    /** Checks settings of the right form that may still be unusable. */
    private void checkProxySettings(SidecarProperties settings) {
        if (!environment.acceptsProfiles(Profiles.of("demo"))) {
            if (!settings.configFile().map(ProviderSettings::areIn).orElse(false)) {
                unlessWrong("sidecar.api-key", () -> UpstreamAddress.requireKey(settings));
            }
            unlessWrong("sidecar.upstream", () -> UpstreamAddress.of(settings));
        }
        unlessWrong("sidecar.host", () -> requireHost(settings.host()));
        unlessWrong("sidecar.routes-dir", () -> requireFolder(settings.routesDir()));
        settings.configFile().ifPresent(file -> unlessWrong("sidecar.config", () -> requireFile(file)));
    }

    private void unlessWrong(String property, Runnable check) {
        if (wrong.add(SettingName.plain(property))) {
            try {
                check.run();
            } catch (SettingsException e) {
                lines.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private static void requireHost(String host) {
        try {
            InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new SettingsException("SIDECAR_HOST=" + host + ": must be an address of this machine");
        }
    }

    private static void requireFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new SettingsException("SIDECAR_CONFIG=" + file + ": there is no file " + file.toAbsolutePath());
        }
    }

    private static void requireFolder(String folder) {
        try {
            var path = Path.of(folder).toAbsolutePath();
            if (!Files.isDirectory(path)) {
                throw new SettingsException("SIDECAR_ROUTES_DIR=" + folder + ": there is no folder " + path);
            }
        } catch (InvalidPathException e) {
            throw new SettingsException("SIDECAR_ROUTES_DIR=" + folder + ": must be a folder");
        }
    }
}
