package dev.sidecar.reload;

import org.apache.camel.CamelContext;
import org.apache.camel.impl.engine.ExplicitCamelContextNameStrategy;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.spring.boot.CamelConfigurationProperties;
import org.apache.camel.spring.boot.CamelSpringBootApplicationController;
import org.apache.camel.spring.boot.SpringBootCamelContext;
import org.springframework.context.ApplicationContext;

/**
 * Makes Camel contexts like the one of Camel's Spring Boot starter: the same beans, properties and {@code camel.*}
 * settings. Thread-safe.
 */
public final class CamelContexts {

    private final ApplicationContext beans;
    private final CamelConfigurationProperties settings;

    public CamelContexts(ApplicationContext beans, CamelConfigurationProperties settings) {
        this.beans = beans;
        this.settings = settings;
    }

    /** A new context, not started. */
    CamelContext create(String name) {
        try {
            var controller = new CamelSpringBootApplicationController(beans);
            var context = new SpringBootCamelContext(beans, false, controller);
            CamelAutoConfiguration.doConfigureCamelContext(beans, context, settings, controller);
            context.setNameStrategy(new ExplicitCamelContextNameStrategy(name));
            return context;
        } catch (Exception e) {
            throw new IllegalStateException("no Camel context can be made", e);
        }
    }
}
