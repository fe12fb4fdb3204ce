package dev.sidecar.config;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.core.convert.converter.Converter;
import org.springframework.stereotype.Component;

/** Lets Spring Boot bind a plain property to a {@link Secret}; set to nothing but white space it is not set. */
@Component
@ConfigurationPropertiesBinding
class SecretConverter implements Converter<String, Secret> {

    @Override
    public @Nullable Secret convert(String source) {
        return source.isBlank() ? null : new Secret(source.strip());
    }
}
