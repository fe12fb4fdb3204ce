package dev.sidecar.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Messages and tables as JSON. Fields that this version does not know are left out. Thread-safe. */
public final class Codec {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private Codec() {
    }

    public static byte[] bytes(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing if it is not one. */
    static Optional<Envelope> envelope(byte[] bytes) {
        try {
            return Optional.of(JSON.readValue(bytes, Envelope.class));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** {@link Tables#NONE} if it holds none. */
    public static Tables tables(byte[] bytes) {
        try {
            return bytes.length == 0 ? Tables.NONE : JSON.readValue(bytes, Tables.class);
        } catch (IOException e) {
            return Tables.NONE;
        }
    }
}
