package dev.sidecar.config;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.stereotype.Component;

/**
 * Warns once, before anything starts, about {@code SIDECAR_…} variables and {@code sidecar.…} properties that no code
 * reads: most are misspelt, and would silently leave a default in force. It shows only names, because a value may be a
 * secret.
 */
@Component
class UnknownSettings implements BeanFactoryPostProcessor {

    private static final Logger LOG = LoggerFactory.getLogger(UnknownSettings.class);
    private static final String VARIABLES = "SIDECAR_";
    private static final String PROPERTIES = "sidecar.";

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        var known = new HashMap<String, SettingName>();
        SettingsRecords.in(beans).forEach(settings -> SettingName.allOf(settings)
                .forEach(setting -> known.put(SettingName.plain(setting.property()), setting)));
        var unknown = names(beans.getBean(ConfigurableEnvironment.class), known.keySet());
        if (!unknown.isEmpty()) {
            LOG.warn("unknown settings, ignored: {}", unknown.stream().map(name -> name + meant(name, known))
                    .collect(Collectors.joining(", ")));
        }
    }

    private static Set<String> names(ConfigurableEnvironment environment, Set<String> known) {
        var unknown = new TreeSet<String>();
        for (var source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> enumerable) {
                Arrays.stream(enumerable.getPropertyNames())
                        .filter(name -> isOurs(name) && !known.contains(SettingName.plain(name)))
                        .forEach(unknown::add);
            }
        }
        return unknown;
    }

    private static boolean isOurs(String name) {
        return name.startsWith(VARIABLES) || name.startsWith(PROPERTIES);
    }

    /** The suggestion, in the form of the written name. */
    private static String meant(String written, Map<String, SettingName> known) {
        return Suggestion.of(SettingName.plain(written), known.keySet()).map(known::get)
                .map(setting -> written.startsWith(VARIABLES) ? setting.variable() : setting.property())
                .map(name -> " (did you mean " + name + "?)").orElse("");
    }
}
