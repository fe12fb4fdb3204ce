package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.NetworkDelay;
import dev.sidecar.simulator.limits.ProviderLimit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A simulated provider of an OpenAI-compatible API with canned texts and a strict limit: you can try the sidecar
 * without a key. It listens on the loopback address only, and works on one event loop.
 */
public final class DemoProvider implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DemoProvider.class);
    /** The same random choices every time: phases, second users and delays can be reproduced. */
    private static final long SEED = 40;
    private static final String HOST = "127.0.0.1";
    private static final String MODELS = "/v1/models";
    /** Of no provider, so not below /v1. */
    private static final String ARRIVALS = "/arrivals";

    private final Vertx vertx;
    private final DemoSettings settings;
    private final DemoClock clock;
    private final Network network;
    private final DemoKeys keys;
    private final Chat chat;
    private final Completions completions;
    private final Tally tally = new Tally();
    private final Arrivals arrivals = new Arrivals();
    private @Nullable HttpServer server;

    /** @param nanoClock a monotonic clock in nanoseconds, such as {@code System::nanoTime}; the limit depends on it */
    public DemoProvider(Vertx vertx, DemoSettings settings, LongSupplier nanoClock) {
        this.vertx = vertx;
        this.settings = settings;
        this.clock = new DemoClock(nanoClock);
        this.network = new Network(vertx, settings.networkDelay() ? new NetworkDelay(new Random(SEED)) : null);
        this.keys = new DemoKeys(settings, clock, new Random(SEED));
        this.chat = new Chat(settings.tokens());
        this.completions = new Completions(settings.tokens());
    }

    /** Listens, and returns the port; not to be called from an event loop. */
    public synchronized int start() {
        if (server != null) {
            throw new IllegalStateException("the simulated provider runs already, at " + baseUrl());
        }
        HttpServerOptions options = new HttpServerOptions().setHost(HOST).setPort(settings.port())
                .setHandle100ContinueAutomatically(true).setDecompressionSupported(true);
        HttpServer started = await(vertx.createHttpServer(options).requestHandler(this::handle).listen());
        server = started;
        for (DemoKey key : settings.limits()) {
            LOG.info("Simulated provider at {}: {} requests a minute{}, counted as {}", baseUrl(), key.limit(),
                    settings.keys().isEmpty() ? "" : " for a key", key.shape());
            if (key.tpm() > 0) {
                LOG.info("It accepts {} tokens a minute{}, counted as {}", key.tpm(),
                        settings.keys().isEmpty() ? "" : " for this key", settings.tokenShape(key));
            }
        }
        return started.actualPort();
    }

    public synchronized String baseUrl() {
        if (server == null) {
            throw new IllegalStateException("the simulated provider does not run");
        }
        return "http://" + HOST + ":" + server.actualPort();
    }

    /** Requests of any kind so far. */
    public long requests() {
        return tally.requests.get();
    }

    /** POST requests that the limit accepted. */
    public long accepted() {
        return keys.all().stream().mapToLong(key -> key.counts().accepted()).sum();
    }

    /** POST requests that the limit or the workers refused. */
    public long refused() {
        return keys.all().stream().mapToLong(key -> key.counts().refused()).sum();
    }

    /** Tokens that were counted. */
    public long tokensUsed() {
        return keys.all().stream().mapToLong(key -> key.tokens().used()).sum();
    }

    /** POST requests that were refused for their tokens; {@link #refused} counts them too. */
    public long refusedForTokens() {
        return keys.all().stream().mapToLong(key -> key.tokens().refused()).sum();
    }

    /** Requests whose client closed the connection before the response ended. */
    public long aborted() {
        return tally.aborted.get();
    }

    /** The keys that it takes, none where it takes any. */
    public List<DemoKey> keys() {
        return settings.keys();
    }

    /** Tokens streamed to clients. */
    public long tokensStreamed() {
        return tally.tokens.get();
    }

    /**
     * What became of the POST requests with one key.
     *
     * @param accepted those that the limit accepted
     * @param refused those that the limit or the workers refused
     * @param denied requests of any kind that got 401, 402 or 403
     */
    public record KeyCounts(long accepted, long refused, long denied) {
    }

    /**
     * The tokens of one key.
     *
     * @param used those that were counted
     * @param refused requests that were refused for their tokens
     */
    public record TokenCounts(long used, long refused) {
    }

    public TokenCounts tokens(String key) {
        return keys.desk(key).tokens();
    }

    /** @throws IllegalArgumentException when this key is not configured; so do all methods with a key */
    public KeyCounts counts(String key) {
        return keys.desk(key).counts();
    }

    /** From now on every request with this key gets 401. */
    public void revoke(String key) {
        keys.desk(key).revoke();
    }

    /** From now on POST requests with this key get 402. */
    public void takeCredit(String key) {
        keys.desk(key).takeCredit();
    }

    /** From now on POST requests with this key for this model get 403. */
    public void forbid(String key, String model) {
        keys.desk(key).forbid(model);
    }

    /** Makes the key as good as it was at the beginning. */
    public void restore(String key) {
        keys.desk(key).restore();
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            await(server.close());
            server = null;
        }
    }

    private void handle(HttpServerRequest request) {
        Reply.Stamp stamp = new Reply.Stamp(tally.requests.incrementAndGet(), clock.instant().getEpochSecond());
        Exchange exchange = new Exchange(vertx, network, request, stamp.id("req"), tally);
        Upload file = Upload.isOne(request) ? Upload.of(request) : null;
        Future<Buffer> body = file == null ? request.body() : request.end().map(_ -> Buffer.buffer());
        body.onSuccess(bytes -> network.arrive(() -> arrived(request, bytes, file, stamp, exchange)))
                .onFailure(_ -> exchange.refuse(ApiError.unreadable()));
    }

    private void arrived(HttpServerRequest request, Buffer bytes, @Nullable Upload file, Reply.Stamp stamp,
            Exchange exchange) {
        try {
            respond(request, bytes, file, stamp, exchange);
        } catch (ApiError refusal) {
            exchange.refuse(refusal);
        } catch (RuntimeException bug) {
            LOG.error("The simulated provider failed on {} {}", request.method(), request.path(), bug);
            exchange.refuse(ApiError.internal());
        }
    }

    private void respond(HttpServerRequest request, Buffer bytes, @Nullable Upload file, Reply.Stamp stamp,
            Exchange exchange) {
        KeyDesk key = keys.admit(request);
        if (!request.method().equals(HttpMethod.POST)) {
            exchange.send(read(request), Duration.ZERO, Duration.ZERO);
            return;
        }
        Object body = decode(bytes);
        String model = body instanceof JsonObject json && json.getValue("model") instanceof String name ? name : "";
        // The limit of tokens depends on the response, so that is made first.
        Reply reply = reply(request, body, file, stamp);
        boolean accepted = key.lets(new ProviderLimit.Request(request.path(), model), reply.usage(), exchange);
        arrivals.add(clock.instant(), accepted, reply.usage().total());
        if (accepted) {
            exchange.send(reply, settings.thinkingTime(), settings.tokenPace());
        }
    }

    private Reply read(HttpServerRequest request) {
        String path = request.path();
        if (request.method().equals(HttpMethod.GET) && path.equals(ARRIVALS)) {
            return new Reply.Json(arrivals.toJson().put("refused_for_tokens", refusedForTokens()), Usage.NONE);
        }
        if (request.method().equals(HttpMethod.GET) && path.equals(MODELS)) {
            return Models.list();
        }
        if (request.method().equals(HttpMethod.GET) && path.startsWith(MODELS + "/")) {
            return Models.one(decodePath(path.substring(MODELS.length() + 1)));
        }
        throw ApiError.unknownUrl(request.method().name(), path);
    }

    private Reply reply(HttpServerRequest request, @Nullable Object body, @Nullable Upload file, Reply.Stamp stamp) {
        try {
            return file == null
                    ? written(request, body, stamp)
                    : file.answer(request.getFormAttribute("purpose"), stamp);
        } catch (ApiError wrong) {
            return new Reply.Wrong(wrong);
        }
    }

    private Reply written(HttpServerRequest request, @Nullable Object body, Reply.Stamp stamp) {
        return switch (request.path()) {
            case "/v1/chat/completions" -> chat.answer(object(body), stamp);
            case "/v1/completions" -> completions.answer(object(body), stamp);
            case "/v1/embeddings" -> Embeddings.answer(object(body));
            case "/v1/files" -> throw ApiError.notMultipart();
            default -> throw ApiError.unknownUrl("POST", request.path());
        };
    }

    /** The JSON value of the body, or null if it is not JSON: whether that is an error depends on the path. */
    private static @Nullable Object decode(Buffer bytes) {
        try {
            return Json.decodeValue(bytes);
        } catch (DecodeException malformed) {
            return null;
        }
    }

    private static JsonObject object(@Nullable Object body) {
        return switch (body) {
            case JsonObject object -> object;
            case null -> throw ApiError.invalidJson("it is not valid JSON");
            default -> throw ApiError.invalidJson("it is not a JSON object");
        };
    }

    private static String decodePath(String path) {
        try {
            return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return path;
        }
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
