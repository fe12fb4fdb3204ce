package dev.sidecar.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sidecar.fleet.Table.Row;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.pool.AccountId;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CodecTest {

    private static final AccountId ACCOUNT = new AccountId("nvidia", "key");
    private static final Call CALL = new Call(4, 2);
    private static final Table TABLE = new Table(new Version(3, "a", 9),
            List.of(new Row(ACCOUNT, 40, Map.of("a", 20, "b", 20))));
    private static final Message.Grant GRANT = new Message.Grant(CALL, "nvidia", "key", "main", "b", "1/a/7", 12, 3L);

    private static List<Message> all() {
        var seats = List.of(new Seats(ACCOUNT, 20, List.of(100L, 60_000L)));
        var limit = new Message.Limit(ACCOUNT, 40);
        return List.of(
                new Message.Beat(1, 2, 3, 4, List.of(new Message.Free(ACCOUNT, 5, List.of(10L, 990L)))),
                new Message.Leads(3, "a", "replica-a", Map.of("b", 12L), Set.of("a"), Map.of("c", 1_000L),
                        List.of(new ReplicaFigures("replica-a", 1, 2, 20))),
                new Message.Hello(3, "replica-b", new Tables(TABLE, TABLE), seats, List.of(limit), Set.of("main"),
                        List.of(new Message.TokensUsed(ACCOUNT, 900))),
                new Message.View(JsonNodeFactory.instance.objectNode().put("used", 4)),
                new Message.Welcome(3), new Message.SayHello(3), new Message.LimitChanged(limit),
                new Message.Leaves(),
                new Message.Waits(
                        new Request(4, 2, Priority.LOW, "ci", 3, null, Map.of("nvidia", ""), true, 100, 30_000,
                                5, "key", Set.of("other"), "nvidia", 200, new Request.Tokens(70, 1_000L, null))),
                new Message.Left(CALL), new Message.Taken(CALL), new Message.NotTaken(CALL, true),
                new Message.Sent(CALL),
                new Message.Ended(CALL, Message.Ending.REFUSED,
                        Signal.of(new RateLimitSignal(RateLimitSignal.Kind.REQUEST_RATE,
                                Optional.of(Duration.ofSeconds(3)),
                                OptionalInt.of(40), OptionalInt.empty(), Optional.empty()))),
                new Message.Finished(CALL, true), new Message.KeyRefusedFor(CALL),
                new Message.KeyAccepted("main", false),
                new Message.Spent(CALL, 99), GRANT,
                Message.Refused.of(CALL, Refusal.circuitOpen(Duration.ofSeconds(4))), new Message.Lend("c", GRANT),
                new Message.NotLent("c", CALL), new Message.LoanSent("1/a/7"), new Message.LoanAnswered("1/a/7"),
                new Message.LoanBack("1/a/7"), new Message.Propose(TABLE, Version.NONE),
                new Message.Agree(TABLE.version(), seats), new Message.Settle(TABLE.version(), seats));
    }

    @Test
    void everyMessageArrivesAsItWasSent() {
        var envelope = new Envelope(1, "a", 5, 3, 17, all());
        assertThat(Codec.envelope(Codec.bytes(envelope))).contains(envelope);
    }

    @Test
    void everyMessageHasAName() {
        var named = Arrays.stream(Message.class.getAnnotation(JsonSubTypes.class).value()).map(JsonSubTypes.Type::value)
                .collect(Collectors.toSet());
        for (var type : Message.class.getPermittedSubclasses()) {
            assertThat(named.contains(type) || type == Message.Unknown.class).as(type.getSimpleName()).isTrue();
        }
        assertThat(all()).extracting(Object::getClass).hasSameSizeAs(named);
    }

    @Test
    void fieldsAndMessagesOfANewerVersionAreLeftOut() {
        var newer = """
                {"version":2,"from":"a","process":1,"epoch":3,"number":4,"shape":"round","messages":[
                 {"is":"sings","song":"la"},{"is":"welcome","epoch":3,"tea":true}]}
                """;
        assertThat(Codec.envelope(newer.getBytes(UTF_8)).orElseThrow().messages())
                .containsExactly(new Message.Unknown(), new Message.Welcome(3));
    }

    @Test
    void whatIsNoMessageIsNone() {
        assertThat(Codec.envelope("{".getBytes(UTF_8))).isEmpty();
        assertThat(Codec.envelope(new byte[0])).isEmpty();
        assertThat(Codec.tables("nonsense".getBytes(UTF_8))).isEqualTo(Tables.NONE);
        assertThat(Codec.tables(new byte[0])).isEqualTo(Tables.NONE);
        assertThat(Codec.tables(Codec.bytes(new Tables(TABLE, null)))).isEqualTo(new Tables(TABLE, null));
    }

    @Test
    void aRefusalKeepsItsReason() {
        var refusal = Refusal.circuitOpen(Duration.ofSeconds(4));
        assertThat(Message.Refused.of(CALL, refusal).refusal()).isEqualTo(refusal);
    }
}
