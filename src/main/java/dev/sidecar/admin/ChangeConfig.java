package dev.sidecar.admin;

import dev.sidecar.config.SettingsInForce;
import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.JsonResponse;
import dev.sidecar.http.RequestRefusedException;
import io.vertx.core.buffer.Buffer;
import jakarta.validation.Validator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/admin/config}: changes all given settings or none. They apply at once, also to waiting requests, but
 * no waiting request loses its place or its deadline. Thread-safe.
 */
public final class ChangeConfig implements Processor {

    private static final int LONGEST_BODY = 64 * 1024;

    private final SettingsInForce settings;
    private final Validator validator;
    private final Audit audit;
    private final boolean passthroughAllowed;
    private final @Nullable String placeOfRates;

    /**
     * @param passthroughAllowed whether requests may go beside a full queue, if the administrator wants it
     * @param placeOfRates what has the rates of all keys, such as {@code the file sidecar.yaml}; null where the admin API has
     *        the rate of the only one
     */
    public ChangeConfig(SettingsInForce settings, Validator validator, Audit audit, boolean passthroughAllowed,
            @Nullable String placeOfRates) {
        this.settings = settings;
        this.validator = validator;
        this.audit = audit;
        this.passthroughAllowed = passthroughAllowed;
        this.placeOfRates = placeOfRates;
    }

    @Override
    public void process(Exchange exchange) throws IOException {
        var change = ConfigChange.read(bodyOf(exchange), validator);
        if (!passthroughAllowed) {
            change.refusePassthrough();
        }
        if (placeOfRates != null) {
            change.refuseRate(placeOfRates);
        }
        var before = settings.change(change::applyTo);
        var after = change.applyTo(before);
        var changed = new ArrayList<String>();
        for (var field : ConfigField.values()) {
            if (!field.in(before).equals(field.in(after))) {
                changed.add(field.jsonName());
                audit.changed(SameSite.requestOf(exchange).remoteAddress().hostAddress(), field.jsonName(),
                        field.in(before), field.in(after));
            }
        }
        JsonResponse.set(exchange, 200, new Answer("ok", changed));
    }

    private static byte[] bodyOf(Exchange exchange) {
        if (!(exchange.getMessage().getBody() instanceof Buffer body)) {
            return new byte[0];
        }
        if (body.length() > LONGEST_BODY) {
            throw new RequestRefusedException(ErrorBody.invalidRequest(413, "body_too_large",
                    "a change of the configuration has at most " + LONGEST_BODY + " bytes"));
        }
        return body.getBytes();
    }

    record Answer(String status, List<String> changed) {
    }
}
