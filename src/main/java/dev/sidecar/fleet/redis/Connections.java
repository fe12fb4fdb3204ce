package dev.sidecar.fleet.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Two connections to Redis that live and die together: one receives, one sends. What is sent keeps its order. Thread-safe.
 */
final class Connections {

    /** What happens to them. Threads of Lettuce call. */
    interface Events {

        void received(Connections on, byte[] message);

        void lost(Connections which, String cause);
    }

    /** How long Redis remembers the latest epoch when nobody leads. */
    private static final Duration EPOCH_IS_KEPT = Duration.ofDays(7);
    private static final byte[] NOTHING = {};

    private final StatefulRedisPubSubConnection<byte[], byte[]> incoming;
    private final StatefulRedisConnection<byte[], byte[]> outgoing;
    private final Names names;
    private final byte[] echo;
    private final Events events;
    private final Pulse pulse = new Pulse();
    private final CompletableFuture<Connections> ready = new CompletableFuture<>();
    /** Whether scripts are sent by their text and not by their digest. It stays so, since a change could change the order. */
    private volatile boolean byText;

    private Connections(StatefulRedisPubSubConnection<byte[], byte[]> incoming,
            StatefulRedisConnection<byte[], byte[]> outgoing, Names names, Events events) {
        this.incoming = incoming;
        this.outgoing = outgoing;
        this.names = names;
        this.echo = names.echo();
        this.events = events;
    }

    /**
     * Does not wait. What fails is closed.
     *
     * @return completed when messages are received: the first one to oneself has come back
     */
    static CompletionStage<Connections> open(RedisClient client, RedisURI uri, Names names, Events events) {
        var incoming = client.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri).toCompletableFuture();
        var outgoing = client.connectAsync(ByteArrayCodec.INSTANCE, uri).toCompletableFuture();
        return incoming.thenCombine(outgoing, (in, out) -> new Connections(in, out, names, events))
                .thenCompose(Connections::prepare).whenComplete((_, failure) -> {
                    if (failure != null) {
                        var _ = incoming.thenAccept(Connections::close);
                        var _ = outgoing.thenAccept(Connections::close);
                    }
                });
    }

    private CompletionStage<Connections> prepare() {
        incoming.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(byte[] channel, byte[] message) {
                arrived(channel, message);
            }
        });
        var ends = new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
                disconnected();
            }
        };
        incoming.addListener(ends);
        outgoing.addListener(ends);
        if (!isOpen()) {
            disconnected();
        }
        for (var script : Script.values()) {
            // Where that is not allowed, scripts are sent by their text.
            var _ = outgoing.async().scriptLoad(script.text());
        }
        this.<Long>runOrRepeat(Script.TRY_TO_WRITE, ScriptOutputType.INTEGER, bytes(EPOCH_IS_KEPT.toSeconds()))
                .thenCompose(_ -> incoming.async().subscribe(names.all(), names.to(names.replica()), echo))
                .thenRun(this::beat).whenComplete((_, failure) -> {
                    if (failure != null) {
                        ready.completeExceptionally(failure);
                    }
                });
        return ready;
    }

    private void arrived(byte[] channel, byte[] message) {
        if (Arrays.equals(channel, echo)) {
            pulse.returned(System.nanoTime());
            ready.complete(this);
        } else {
            pulse.arrived(System.nanoTime());
            events.received(this, message);
        }
    }

    private void disconnected() {
        ready.completeExceptionally(new ClosedChannelException());
        events.lost(this, Reason.LOST);
    }

    /** An error that Redis replies is the end of the connection. Others are told by its end, or by the pulse. */
    private void ended(@Nullable Throwable failure) {
        if (failure == null) {
            pulse.replied(System.nanoTime());
        } else if (!Reason.code(failure).isEmpty()) {
            ready.completeExceptionally(failure);
            events.lost(this, Reason.inWords(failure));
        }
    }

    boolean isOpen() {
        return incoming.isOpen() && outgoing.isOpen();
    }

    Pulse pulse() {
        return pulse;
    }

    /** Sends a message to oneself, unless one is on its way. */
    void beat() {
        if (!pulse.isAway()) {
            pulse.sent(System.nanoTime());
            publish(echo, NOTHING);
        }
    }

    void publish(byte[] channel, byte[] message) {
        outgoing.async().publish(channel, message).whenComplete((_, failure) -> ended(failure));
    }

    /**
     * The message is lost where Redis has forgotten the script. To repeat it could let it arrive after one that was sent
     * later.
     */
    void publishAsLeader(long epoch, byte[] channel, byte[] message) {
        run(Script.PUBLISH_AS_LEADER, ScriptOutputType.INTEGER, lease(epoch), channel, message)
                .whenComplete((_, failure) -> {
                    if (failure == null || !isForgotten(failure)) {
                        ended(failure);
                    }
                });
    }

    /** It is lost where Redis has forgotten the script, like a message. */
    void keep(long epoch, byte[] state) {
        run(Script.KEEP, ScriptOutputType.INTEGER, lease(epoch), state, bytes(EPOCH_IS_KEPT.toSeconds()))
                .whenComplete((_, failure) -> {
                    if (failure == null || !isForgotten(failure)) {
                        ended(failure);
                    }
                });
    }

    void giveBack(long epoch) {
        runOrRepeat(Script.GIVE_BACK, ScriptOutputType.INTEGER, lease(epoch));
    }

    /** @return who holds the lease, and its epoch; does not end when the connection is lost */
    CompletionStage<List<Object>> takeOrRenew(long atLeast, Duration length) {
        return runOrRepeat(Script.TAKE_OR_RENEW, ScriptOutputType.MULTI, names.self().getBytes(UTF_8), bytes(atLeast),
                bytes(length.toMillis()), bytes(EPOCH_IS_KEPT.toSeconds()));
    }

    /** @return ends when Redis has read all that was sent before */
    CompletionStage<String> settled() {
        return outgoing.async().ping();
    }

    void close() {
        close(incoming);
        close(outgoing);
    }

    private static void close(StatefulConnection<?, ?> connection) {
        var _ = connection.closeAsync();
    }

    private <T> CompletionStage<T> runOrRepeat(Script script, ScriptOutputType type, byte[]... arguments) {
        return this.<T>run(script, type, arguments).exceptionallyCompose(failure -> isForgotten(failure)
                ? this.<T>run(script, type, arguments)
                : CompletableFuture.failedStage(failure)).whenComplete((_, failure) -> ended(failure));
    }

    private <T> CompletionStage<T> run(Script script, ScriptOutputType type, byte[]... arguments) {
        byte[][] keys = {names.leader(), names.epoch(), names.kept()};
        return byText
                ? outgoing.async().eval(script.text(), type, keys, arguments)
                : outgoing.async().evalsha(script.digest(), type, keys, arguments);
    }

    /** Redis was told to forget scripts, or did not load them. From then on it gets their text. */
    private boolean isForgotten(Throwable failure) {
        var forgotten = Reason.code(failure).equals("NOSCRIPT");
        if (forgotten) {
            byText = true;
        }
        return forgotten;
    }

    /** The value of the lease while this process holds it with this epoch. */
    private byte[] lease(long epoch) {
        return (epoch + " " + names.self()).getBytes(UTF_8);
    }

    private static byte[] bytes(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }
}
