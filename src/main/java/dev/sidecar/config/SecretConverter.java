package dev.sidecar.config;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.core.convert.converter.Converter;
import org.springframework.stereotype.Component;

/** Lets Spring Boot bind a plain property to a {@link Secret}; a property of only white space counts as unset. */
@Component
@ConfigurationPropertiesBinding
class SecretConverter implements Converter<String, Secret> {

    @Override
    public @Nullable Secret convert(String source) {
        return source.isBlank() ? null : new Secret(source.strip());
    }
}
