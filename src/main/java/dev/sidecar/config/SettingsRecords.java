package dev.sidecar.config;

import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** The records that the settings of an application are bound to. Stateless. */
final class SettingsRecords {

    private static final String PREFIX = "sidecar";

    private SettingsRecords() {
    }

    /** Spring names these beans after prefix and class. Searching all beans for the annotation would slow the start. */
    static List<Class<?>> in(ConfigurableListableBeanFactory beans) {
        var records = new ArrayList<Class<?>>();
        for (var bean : beans.getBeanDefinitionNames()) {
            var type = bean.startsWith(PREFIX) ? beans.getType(bean, false) : null;
            if (type != null && type.isRecord() && bean.endsWith("-" + type.getName())) {
                records.add(type);
            }
        }
        return records;
    }
}
