package dev.sidecar.providers;

import dev.sidecar.config.Secret;

/** What was found where the file says that the value of a key is. */
sealed interface KeyValue {

    /** The value. */
    record Found(Secret secret) implements KeyValue {
    }

    /**
     * No value that could be used.
     *
     * @param field of the entry that says where the value is
     * @param reason one line, which shows nothing of what is written there: it may be the key itself
     */
    record Missing(String field, String reason) implements KeyValue {
    }
}
