package dev.sidecar.boot.faststart;

import org.springframework.boot.context.properties.ConfigurationPropertiesBindingPostProcessor;

/**
 * Spring Boot's binding of settings to beans, which asks only those beans that can have any. Boot reads the annotations of
 * every bean there is, and of the method that makes it: each kind of annotation costs a class made at run time, forty of them
 * for this alone. A bean that settings are bound to is registered under a prefix and the name of its class, by
 * {@code @EnableConfigurationProperties} and {@code @ConfigurationPropertiesScan}; that no other has settings is tested.
 */
final class PropertiesBinding extends ConfigurationPropertiesBindingPostProcessor {

    @Override
    public Object postProcessBeforeInitialization(Object bean, String beanName) {
        return beanName.endsWith("-" + bean.getClass().getName())
                ? super.postProcessBeforeInitialization(bean, beanName)
                : bean;
    }
}
