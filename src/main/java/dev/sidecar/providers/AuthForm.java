package dev.sidecar.providers;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sidecar.config.Secret;

/** How a provider wants to be sent its key. */
public enum AuthForm {

    @JsonProperty("bearer")
    BEARER("Authorization", "Bearer "), //
    @JsonProperty("x-api-key")
    X_API_KEY("x-api-key", ""), //
    @JsonProperty("api-key")
    API_KEY("api-key", "");

    private final String field;
    private final String prefix;

    AuthForm(String field, String prefix) {
        this.field = field;
        this.prefix = prefix;
    }

    /** The name of the header field. */
    public String field() {
        return field;
    }

    /** The value of the header field. It has the key in it: never print it. */
    public String value(Secret key) {
        return prefix + key.reveal();
    }
}
