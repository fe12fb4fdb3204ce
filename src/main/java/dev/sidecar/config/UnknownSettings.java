package dev.sidecar.config;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.stereotype.Component;

/**
 * Warns once, before anything starts, of {@code SIDECAR_…} variables and {@code sidecar.…} properties that nothing
 * reads: most are misspelt, and would silently leave a default in force. Names only, as a value may be a secret.
 */
@Component
class UnknownSettings implements BeanFactoryPostProcessor {

    private static final Logger LOG = LoggerFactory.getLogger(UnknownSettings.class);
    private static final String PREFIX = "sidecar";

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        var unknown = names(beans.getBean(ConfigurableEnvironment.class), knownTo(beans));
        if (!unknown.isEmpty()) {
            LOG.warn("unknown settings, ignored: {}", String.join(", ", unknown));
        }
    }

    private static Set<String> names(ConfigurableEnvironment environment, Set<String> known) {
        var unknown = new TreeSet<String>();
        for (var source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> enumerable) {
                Arrays.stream(enumerable.getPropertyNames())
                        .filter(name -> isOurs(name) && !known.contains(plain(name))).forEach(unknown::add);
            }
        }
        return unknown;
    }

    private static boolean isOurs(String name) {
        return name.startsWith("SIDECAR_") || name.startsWith(PREFIX + ".");
    }

    /** The components of the records that settings are bound to; Spring names these beans after prefix and class. */
    private static Set<String> knownTo(ConfigurableListableBeanFactory beans) {
        var known = new HashSet<String>();
        for (var bean : beans.getBeanDefinitionNames()) {
            // Looking at every bean for the annotation would be a tenth of the start.
            var type = bean.startsWith(PREFIX) ? beans.getType(bean, false) : null;
            if (type != null && type.isRecord() && bean.endsWith("-" + type.getName())) {
                var prefix = bean.substring(0, bean.length() - type.getName().length());
                Arrays.stream(type.getRecordComponents())
                        .forEach(component -> known.add(plain(prefix + component.getName())));
            }
        }
        return known;
    }

    /** Spring reads {@code SIDECAR_RATE_RPM}, {@code sidecar.rate-rpm} and {@code sidecar.rateRpm} as one name. */
    private static String plain(String name) {
        return name.replaceAll("[._-]", "").toLowerCase(Locale.ROOT);
    }
}
