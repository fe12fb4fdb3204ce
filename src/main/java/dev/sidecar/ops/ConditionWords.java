package dev.sidecar.ops;

import dev.sidecar.throttle.order.ThrottleSnapshot;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts a condition into words, one headline and its detail, so that all views say the same. For one use. */
final class ConditionWords {

    private static final int NO_CREDIT = 402;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY_AND_TIME = DateTimeFormatter
            .ofPattern("d MMM HH:mm 'UTC'", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    /** Until a clock time alone says too little. */
    private static final Duration A_WHILE = Duration.ofHours(20);

    private final List<Cause> causes;
    private final ThrottleSnapshot throttle;
    private final Instant now;

    /** @param causes the worst first */
    ConditionWords(List<Cause> causes, ThrottleSnapshot throttle, Instant now) {
        this.causes = causes;
        this.throttle = throttle;
        this.now = now;
    }

    private boolean serves() {
        return causes.isEmpty() || causes.getFirst() instanceof Cause.Waiting;
    }

    /** What the sidecar does now, or what keeps it from doing more. */
    String headline() {
        return serves() ? "Serving." + nextSlot() : sentence(causes.getFirst());
    }

    /** What that means, and what else is to be known. */
    String detail() {
        if (causes.isEmpty()) {
            return "Nobody waits. %d of %d slots are free.".formatted(throttle.minute().left(),
                    throttle.minute().limit());
        }
        var others = causes.stream().skip(serves() ? 0 : 1).map(this::sentence);
        return Stream.concat(Stream.of(meaning(causes.getFirst())), others).filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" "));
    }

    /** Only where one waits for it visibly. */
    private String nextSlot() {
        return throttle.minute().nextSlot()
                .map(next -> next.toSeconds() == 0 ? "" : " Next slot in " + time(Figures.seconds(next)) + ".")
                .orElse(" The next slot comes when a running request ends.");
    }

    private String sentence(Cause cause) {
        return switch (cause) {
            case Cause.ShuttingDown _ -> "Shutting down: new requests are refused.";
            case Cause.CircuitOpen open -> "Circuit%s open: %s%s; next probe %s.".formatted(of(open.provider()),
                    calls(open), latest(open.latestFailure()), probe(open.probeSeconds()));
            case Cause.KeyRefused(var key, int status, var since) ->
                "Provider refuses key %s (%d) since %s.".formatted(key, status, clock(since));
            case Cause.UpstreamUnreachable(var provider, var since, var failure) ->
                "Provider%s unreachable since %s%s.".formatted(provider == null ? "" : " " + provider, clock(since),
                        failure == null ? "" : ": " + failure);
            case Cause.BudgetStands _ -> "Nothing is sent, although requests wait and the budget is free.";
            case Cause.QueueNearlyFull(int waiting, int most) ->
                "Queue nearly full: %d of %d places are taken.".formatted(waiting, most);
            case Cause.CircuitHalfOpen(var provider) ->
                "Circuit%s half open: a few requests probe the provider.".formatted(of(provider));
            case Cause.ProviderOut out -> "Provider %s is out: %s; %s %s.".formatted(out.provider(), reason(out),
                    String.join(", ", out.serving()), out.serving().size() == 1 ? "serves" : "serve");
            case Cause.KeyOut(var provider, var key, int status, var since) ->
                "Provider %s refuses key %s (%d) since %s.".formatted(provider, key, status, clock(since));
            case Cause.KeyPaused(var keys, double seconds) -> keys.size() == 1
                    ? "Key %s pauses for another %s.".formatted(keys.getFirst(), time(seconds))
                    : "Keys %s pause, the first for another %s.".formatted(String.join(", ", keys), time(seconds));
            case Cause.Paused(double seconds) ->
                "Paused: the provider refused, so nothing is sent for another %s.".formatted(time(seconds));
            case Cause.KeyRefusedForModel(var key, int status, var model, var since) ->
                "Provider refuses key %s (%d) for %s since %s.".formatted(key, status,
                        model == null ? "a request" : "model " + Figures.name(model), clock(since));
            case Cause.RateLowered(double effective, double base) ->
                "Rate lowered to %s of %s a minute.".formatted(Figures.number(effective), Figures.number(base));
            case Cause.RoutesRefused(var problem, int more, var since) ->
                "Route edit of %s refused: %s%s.".formatted(clock(since), problem,
                        more == 0 ? "" : " (%d more)".formatted(more));
            case Cause.ConfigRefused(var problem, int more, var since) ->
                "Edit of the clients of %s refused: %s%s.".formatted(clock(since), problem,
                        more == 0 ? "" : " (%d more)".formatted(more));
            case Cause.StateUnwritten(var problem, var since) ->
                "State cannot be written since %s: %s.".formatted(clock(since), problem);
            case Cause.FleetAlone(var replica, int part) ->
                "Replica %s is alone: it cannot reach its fleet, and sends its own part, %d a minute.".formatted(
                        replica,
                        part);
            case Cause.NoShare(var replica) ->
                "Replica %s cannot reach its fleet and has no part of the limit: it sends nothing.".formatted(replica);
            case Cause.Waiting(int waiting, double longest) ->
                "%d %s, longest %s.".formatted(waiting, waiting == 1 ? "waits" : "wait", time(longest));
        };
    }

    private static String of(@Nullable String provider) {
        return provider == null ? "" : " of " + provider;
    }

    private static String latest(@Nullable String failure) {
        return failure == null ? "" : " (latest: " + failure + ")";
    }

    private static String probe(double seconds) {
        return seconds == 0 ? "with the next request" : "in " + time(seconds);
    }

    private String reason(Cause.ProviderOut out) {
        var since = out.since();
        var probe = out.probeSeconds();
        return switch (out.reason()) {
            case KEY_REFUSED -> "it refuses every key";
            case UPSTREAM_UNREACHABLE -> "unreachable%s%s".formatted(since == null ? "" : " since " + clock(since),
                    latest(out.latestFailure()));
            default -> "circuit open%s%s".formatted(latest(out.latestFailure()),
                    probe == null ? "" : ", next probe " + probe(probe));
        };
    }

    private static String calls(Cause.CircuitOpen open) {
        if (open.calls() == 0) {
            return "nothing is sent";
        }
        return open.failed() > 0
                ? "%d of %d calls failed".formatted(open.failed(), open.calls())
                : "%d of %d calls took too long".formatted(open.slow(), open.calls());
    }

    /** What the worst cause means for clients, or for the operator. */
    private String meaning(Cause worst) {
        return switch (worst) {
            case Cause.ShuttingDown _ -> "Requests that are under way have time to finish.";
            case Cause.CircuitOpen open -> open.provider() == null
                    ? "Clients get 503 circuit_open until a probe succeeds."
                    : "No provider serves: clients get errors until a probe succeeds.";
            case Cause.KeyRefused refusal -> refusal.status() == NO_CREDIT
                    ? "Its account has no credit. Clients get the provider's response."
                    : "It is wrong, revoked or expired. Clients get the provider's response.";
            case Cause.UpstreamUnreachable _ ->
                "Requests are sent again until their deadlines, then clients get 502.";
            case Cause.BudgetStands _ -> "This is a fault of the sidecar: keep a thread dump and restart it.";
            case Cause.QueueNearlyFull _ -> "New requests will be refused, or sent without a slot.";
            case Cause.CircuitHalfOpen(var provider) -> provider == null
                    ? "All others get 503 circuit_open until the probes succeed."
                    : "All others go to another provider, or wait, until the probes succeed.";
            case Cause.ProviderOut _ ->
                "Requests go to the other providers. Models that none of them serves get errors.";
            case Cause.KeyOut out -> out.status() == NO_CREDIT
                    ? "Its account has no credit. Requests use other keys."
                    : "It is wrong, revoked or expired. Requests use other keys.";
            case Cause.KeyPaused _ -> "The provider refused. Requests use other keys.";
            case Cause.Paused _ -> "Requests that wait keep their places.";
            case Cause.KeyRefusedForModel _ -> throttle.keys().size() > 1
                    ? "Nothing was served with it since. The key may not use this model; other keys are used for it."
                    : "Nothing was served since. The key may not use this model.";
            case Cause.RateLowered _ -> "The provider refused requests, so the sidecar sends fewer.";
            case Cause.RoutesRefused _ -> "The routes from before the edit are in force.";
            case Cause.ConfigRefused _ -> "The clients from before the edit are in force.";
            case Cause.StateUnwritten _ ->
                "Requests are served. After a restart a full window may count as sent, for up to a minute.";
            case Cause.FleetAlone _ ->
                "Requests are served in the order of this replica only. It comes back by itself.";
            case Cause.NoShare _ -> "Clients get 503 no_share until it reaches the others again.";
            case Cause.Waiting _ -> "";
        };
    }

    /** @param since seconds since 1970 */
    private String clock(BigDecimal since) {
        var time = Instant.ofEpochMilli(since.movePointRight(3).longValue());
        return (Duration.between(time, now).compareTo(A_WHILE) < 0 ? TIME : DAY_AND_TIME).format(time);
    }

    /** Whole seconds: a headline that changes ten times a second cannot be read. */
    private static String time(double seconds) {
        if (seconds < 1) {
            return "under 1 s";
        }
        return seconds < 10 ? Math.round(seconds) + " s" : Figures.time(seconds);
    }
}
