package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.ProviderLimit;
import dev.sidecar.simulator.limits.Shape;
import dev.sidecar.simulator.limits.Shapes;
import dev.sidecar.simulator.limits.TokenMoment;
import dev.sidecar.simulator.limits.WorkerCapLimit;
import dev.sidecar.simulator.limits.Workers;
import io.vertx.core.http.HttpServerRequest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The keys that the simulated provider knows. Without any, all requests are of one key, whatever they send. Each key has its
 * own limit and its own second user; the workers of a model serve all keys. The map never changes.
 */
final class DemoKeys {

    private static final String BEARER = "Bearer ";

    private final boolean configured;
    private final Map<String, KeyDesk> byValue = new LinkedHashMap<>();

    DemoKeys(DemoSettings settings, DemoClock clock, RandomGenerator random) {
        this.configured = !settings.keys().isEmpty();
        var limits = new LinkedHashMap<DemoKey, ProviderLimit>();
        settings.limits().forEach(key -> limits.put(key, shape(key, settings).start(random, clock.nanoTime())));
        int cap = settings.workerCap();
        var workers = cap > 0 ? new Workers(cap, cap * 3 / 4, random, clock.nanoTime()) : null;
        limits.forEach((key, rate) -> {
            var tally = new KeyTally();
            var tokens = new TokenGate(
                    key.tpm() > 0 ? settings.tokenShape(key).start(random, clock.nanoTime()) : null,
                    TokenMoment.named(settings.tpmMoment()), tally);
            var gate = new Gate(settings, key.limit(), workers == null ? rate : new WorkerCapLimit(rate, workers),
                    tokens, clock, tally);
            byValue.put(key.value(), new KeyDesk(gate, tally));
        });
    }

    private static Shape shape(DemoKey key, DemoSettings settings) {
        Shape shape = Shapes.named(key.shape(), key.limit());
        return settings.secondUserRpm() > 0 ? Shapes.shared(shape, settings.secondUserRpm()) : shape;
    }

    /** @throws ApiError 401 when the request has no key that is known and valid */
    KeyDesk admit(HttpServerRequest request) {
        var desk = byValue.get(configured ? keyIn(request) : DemoSettings.ANY);
        if (desk == null) {
            throw ApiError.unknownKey();
        }
        desk.checkValid();
        return desk;
    }

    /** The key in the first field that there is; none if that has another form. */
    private static @Nullable String keyIn(HttpServerRequest request) {
        var authorization = request.getHeader("Authorization");
        if (authorization != null) {
            return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                    ? authorization.substring(BEARER.length()).strip()
                    : null;
        }
        var key = request.getHeader("x-api-key");
        return key != null ? key : request.getHeader("api-key");
    }

    /** @throws IllegalArgumentException when this key is not configured */
    KeyDesk desk(String value) {
        var desk = configured ? byValue.get(value) : null;
        if (desk == null) {
            throw new IllegalArgumentException("the simulated provider was not given this key");
        }
        return desk;
    }

    Collection<KeyDesk> all() {
        return byValue.values();
    }
}
