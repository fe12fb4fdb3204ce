package dev.sidecar.fleet;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.order.Refusal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What replicas say to each other. No content of a request, no prompt and no key is in any of them. A replica of another version may
 * send one that this version does not know; it is left out.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is", defaultImpl = Message.Unknown.class)
@JsonSubTypes({@JsonSubTypes.Type(value = Message.Beat.class, name = "beat"),
        @JsonSubTypes.Type(value = Message.Leads.class, name = "leads"),
        @JsonSubTypes.Type(value = Message.Hello.class, name = "hello"),
        @JsonSubTypes.Type(value = Message.Welcome.class, name = "welcome"),
        @JsonSubTypes.Type(value = Message.SayHello.class, name = "say-hello"),
        @JsonSubTypes.Type(value = Message.LimitChanged.class, name = "limit-changed"),
        @JsonSubTypes.Type(value = Message.Leaves.class, name = "leaves"),
        @JsonSubTypes.Type(value = Message.Waits.class, name = "waits"),
        @JsonSubTypes.Type(value = Message.Left.class, name = "left"),
        @JsonSubTypes.Type(value = Message.Taken.class, name = "taken"),
        @JsonSubTypes.Type(value = Message.NotTaken.class, name = "not-taken"),
        @JsonSubTypes.Type(value = Message.Sent.class, name = "sent"),
        @JsonSubTypes.Type(value = Message.Ended.class, name = "ended"),
        @JsonSubTypes.Type(value = Message.Finished.class, name = "finished"),
        @JsonSubTypes.Type(value = Message.KeyRefusedFor.class, name = "key-refused-for"),
        @JsonSubTypes.Type(value = Message.KeyAccepted.class, name = "key-accepted"),
        @JsonSubTypes.Type(value = Message.Spent.class, name = "spent"),
        @JsonSubTypes.Type(value = Message.View.class, name = "view"),
        @JsonSubTypes.Type(value = Message.Grant.class, name = "grant"),
        @JsonSubTypes.Type(value = Message.Refused.class, name = "refused"),
        @JsonSubTypes.Type(value = Message.Lend.class, name = "lend"),
        @JsonSubTypes.Type(value = Message.NotLent.class, name = "not-lent"),
        @JsonSubTypes.Type(value = Message.LoanSent.class, name = "loan-sent"),
        @JsonSubTypes.Type(value = Message.LoanAnswered.class, name = "loan-answered"),
        @JsonSubTypes.Type(value = Message.LoanBack.class, name = "loan-back"),
        @JsonSubTypes.Type(value = Message.Propose.class, name = "propose"),
        @JsonSubTypes.Type(value = Message.Agree.class, name = "agree"),
        @JsonSubTypes.Type(value = Message.Settle.class, name = "settle")})
public sealed interface Message {

    /** Of a type that this version does not know. */
    record Unknown() implements Message {
    }

    // Everybody to the leader.

    /**
     * This replica is there. Sent twice a second.
     *
     * @param number counts the beats of this home
     * @param heard the number of the leader's latest message that was heard
     * @param waiting requests in its queue
     * @param inFlight its requests at a provider
     * @param free what it has of each limit
     */
    record Beat(long number, long heard, int waiting, int inFlight, List<Free> free) implements Message {
    }

    /**
     * What a home has of a limit.
     *
     * @param now how many of its seats are free
     * @param soon for those that become free within a second: when, in milliseconds, in order
     */
    record Free(AccountId account, int now, List<Long> soon) {
    }

    /**
     * This replica wants to be led.
     *
     * @param replica its name for people
     * @param seats what it has of each limit, and what it has used
     * @param limits what its own settings say
     * @param keys those that it can use
     * @param tokens what it has used of them; null from a replica that does not say
     */
    record Hello(long epoch, String replica, Tables tables, List<Seats> seats, List<Limit> limits, Set<String> keys,
            @Nullable List<TokensUsed> tokens) implements Message {
    }

    /** The tokens of an account that a replica has used in the last minute, or may use with requests under way. */
    record TokensUsed(AccountId account, long tokens) {
    }

    /** A limit as settings say it. */
    record Limit(AccountId account, int requests) {
    }

    /** An operator has changed this limit at the sender: it is the fleet's from now on. */
    record LimitChanged(Limit limit) implements Message {
    }

    /** This replica is about to stop. It sends nothing any more, and gives up its part by the next table. */
    record Leaves() implements Message {
    }

    /** This request waits. */
    record Waits(Request request) implements Message {
    }

    /** It waits no longer, without a grant. */
    record Left(Call call) implements Message {
    }

    /** The grant has come in time. */
    record Taken(Call call) implements Message {
    }

    /**
     * The grant cannot be used.
     *
     * @param waits whether the request waits on
     */
    record NotTaken(Call call, boolean waits) implements Message {
    }

    /** It has been sent. */
    record Sent(Call call) implements Message {
    }

    /** How a slot ended. */
    enum Ending {
        SUCCEEDED, REFUSED, GIVEN_BACK
    }

    /** Its slot has ended. */
    record Ended(Call call, Ending ending, @Nullable Signal signal) implements Message {
    }

    /** Its call has ended. */
    record Finished(Call call, boolean workerCapReached) implements Message {
    }

    /** The provider refuses the key to its client and model. */
    record KeyRefusedFor(Call call) implements Message {
    }

    /** Whether the provider accepts this key. */
    record KeyAccepted(String key, boolean accepted) implements Message {
    }

    /** Its response has told what it cost. */
    record Spent(Call call, long tokens) implements Message {
    }

    // The leader to everybody.

    /**
     * This replica leads. Sent twice a second.
     *
     * @param leader its home
     * @param name its replica
     * @param beats the latest beat of each home that it has heard
     * @param led the homes that it has welcomed
     * @param absent homes that keep a part though nobody hears of them, and since how many milliseconds
     * @param replicas the state of all
     */
    record Leads(long epoch, String leader, String name, Map<String, Long> beats, Set<String> led,
            Map<String, Long> absent, List<ReplicaFigures> replicas) implements Message {
    }

    /**
     * What the leader sees, for people. Sent once a second.
     *
     * @param seen a {@link FleetView}, read apart from the other messages: a version that cannot read it still reads those
     */
    record View(JsonNode seen) implements Message {
    }

    /** You are led from now on: say which requests wait. */
    record Welcome(long epoch) implements Message {
    }

    /** Messages between us were lost: say {@link Hello} again. */
    record SayHello(long epoch) implements Message {
    }

    /**
     * This request goes.
     *
     * @param lender the home that lends the seat; null if it is the receiver's own
     * @param loan names the loan
     * @param beat the receiver's latest beat that the leader had heard
     * @param queued how long it waited in the leader's queue, in microseconds; null from a leader that does not say
     */
    record Grant(Call call, String provider, String account, String key, @Nullable String lender, @Nullable String loan,
            long beat, @Nullable Long queued) implements Message {
    }

    /** This request is refused. */
    record Refused(Call call, String code, long retryAfter, String text) implements Message {

        static Refused of(Call call, Refusal refusal) {
            return new Refused(call, refusal.reason().code(), refusal.retryAfter().toMillis(), refusal.message());
        }

        Refusal refusal() {
            Refusal.Reason reason = Arrays.stream(Refusal.Reason.values()).filter(each -> each.code().equals(code))
                    .findFirst().orElse(Refusal.Reason.QUEUE_TIMEOUT);
            return new Refusal(reason, Duration.ofMillis(retryAfter), text);
        }
    }

    /** Lend a seat to this home, with this grant. */
    record Lend(String to, Grant grant) implements Message {
    }

    /** No seat was free in time. */
    record NotLent(String to, Call call) implements Message {
    }

    // The borrower to the lender.

    record LoanSent(String loan) implements Message {
    }

    record LoanAnswered(String loan) implements Message {
    }

    record LoanBack(String loan) implements Message {
    }

    // The division of the limits.

    /** @param basis the highest version that the leader knows of the receiver */
    record Propose(Table table, Version basis) implements Message {
    }

    /** @param before the seats of the sender before it agreed */
    record Agree(Version version, List<Seats> before) implements Message {
    }

    /** @param gains the seats that the receiver gets */
    record Settle(Version version, List<Seats> gains) implements Message {
    }
}
