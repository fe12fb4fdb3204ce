package dev.sidecar.ops;

import dev.sidecar.ops.Status.Snapshot;
import dev.sidecar.reload.RoutesReport;
import java.time.Duration;
import java.util.Formatter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A snapshot as a page of text, with an operator's first questions on top. For one use. */
final class StatusText {

    private static final int MOST_MODELS = 10;
    private static final int MOST_WAITING = 10;
    private static final int BAR = 40;
    private static final int LONGEST_NAME = 40;

    private final StringBuilder text = new StringBuilder(2048);
    private final Formatter out = new Formatter(text, Locale.ROOT);

    private StatusText() {
    }

    static String of(Snapshot snapshot) {
        var page = new StatusText();
        page.top(snapshot);
        page.queue(snapshot);
        page.counts(snapshot);
        page.models(snapshot);
        return page.text.toString();
    }

    private void top(Snapshot now) {
        out.format("NVIDIA Sidecar, up %s\n", time(now.uptimeSeconds()));
        out.format("\n");
        condition(now.condition(), now.timestamp().doubleValue());
        out.format("budget     [%s] %d of %d used in the last 60 s, %d left%s\n",
                bar(now.budget().used(), now.budget().limit()),
                now.budget().used(), now.budget().limit(), now.budget().left(), nextSlot(now));
        var retreat = now.retreat();
        out.format("rate       %s a minute of %s, %s, %s\n", number(retreat.effectiveRpm()), number(retreat.baseRpm()),
                retreat.pacing(), retreat.state());
        if (retreat.evidence() != null) {
            out.format("           provider refused %s ago at %s a minute (%s)%s\n",
                    time(retreat.evidence().ageSeconds()),
                    number(retreat.evidence().acceptedInWindow()), retreat.evidence().kind().replace('_', ' '),
                    nextProbe(retreat.nextProbeSeconds()));
        }
        out.format("provider   %s, circuit %s, %s of the answers 429\n", reached(now.upstream()),
                now.circuitBreaker().state().replace('_', ' '), percent(retreat.upstream429Rate()));
        for (var key : now.keys()) {
            out.format("key        %s: %s\n", key.name(), key.state().replace('_', ' '));
        }
        routes(now.routes(), now.timestamp().doubleValue());
        for (var model : now.cappedModels()) {
            out.format("           %s: %d of %d run, %d wait\n", name(model.model()), model.inFlight(), model.cap(),
                    model.waiting());
        }
    }

    private void routes(RoutesReport routes, double now) {
        out.format("routes     generation %d, in force for %s%s\n", routes.generation(),
                time(now - routes.loadedAt().doubleValue()),
                routes.draining() == 0 ? "" : ", %d earlier still have requests".formatted(routes.draining()));
        var error = routes.lastError();
        if (error != null) {
            out.format("           a change was refused %s ago:\n", time(now - error.at().doubleValue()));
            error.problems().forEach(problem -> out.format("             %s\n", problem));
        }
    }

    /** The worst first, each with its severity. */
    private void condition(Condition condition, double now) {
        if (condition.causes().isEmpty()) {
            out.format("state      good: serving, nobody waits\n");
        }
        var head = "state";
        for (var cause : condition.causes()) {
            out.format("%-10s %s: %s\n", head, cause.severity().label(), words(cause, now));
            head = "";
        }
        out.format("\n");
    }

    private static String words(Cause cause, double now) {
        return switch (cause) {
            case Cause.ShuttingDown _ -> "shutting down; new requests are refused";
            case Cause.CircuitOpen(int failed, int calls, double probe) ->
                "the circuit is open, %d of %d calls failed; next probe %s".formatted(failed, calls,
                        probe == 0 ? "with the next request" : "in " + time(probe));
            case Cause.KeyRefused(var key, int status, var since) ->
                "the provider refuses the key %s (%d), for %s".formatted(key, status, time(now - since.doubleValue()));
            case Cause.UpstreamUnreachable(var since) ->
                "the provider cannot be reached, for " + time(now - since.doubleValue());
            case Cause.BudgetStands _ -> "requests could be sent and none is";
            case Cause.QueueNearlyFull(int waiting, int most) ->
                "the queue is nearly full, %d of %d".formatted(waiting, most);
            case Cause.CircuitHalfOpen _ -> "the circuit is half open: a few requests try whether the provider is back";
            case Cause.Paused(double seconds) -> "the provider asks for a pause, another " + time(seconds);
            case Cause.KeyRefusedForModel(var key, int status, var model, var since) ->
                "the provider refuses the key %s (%d) for %s, for %s; nothing was served since".formatted(key, status,
                        model == null ? "a request" : "the model " + name(model), time(now - since.doubleValue()));
            case Cause.RateLowered(double effective, double base) ->
                "the rate is lowered to %s of %s a minute".formatted(number(effective), number(base));
            case Cause.RoutesRefused(var problem, int more, var since) ->
                "an edit of the routes was refused %s ago: %s%s".formatted(time(now - since.doubleValue()), problem,
                        more == 0 ? "" : " (%d more)".formatted(more));
            case Cause.Waiting(int waiting, double longest) ->
                "%d wait, the longest for %s".formatted(waiting, time(longest));
        };
    }

    private static String reached(Status.Upstream upstream) {
        var age = upstream.ageSeconds();
        var known = upstream.state().equals("unknown") ? "not heard of yet" : upstream.state();
        return age == null ? known : "%s (a %s, %s ago)".formatted(known, upstream.source(), time(age));
    }

    private static String nextSlot(Snapshot now) {
        if (now.retreat().pausedSeconds() > 0) {
            return ", paused for " + time(now.retreat().pausedSeconds());
        }
        var next = now.budget().nextSlotSeconds();
        return next == null || next == 0 ? "" : ", next slot in " + time(next);
    }

    private static String nextProbe(@Nullable Double seconds) {
        return seconds == null ? "" : ", next probe " + (seconds == 0 ? "now" : "in " + time(seconds));
    }

    private void queue(Snapshot now) {
        out.format("\n");
        out.format("waiting    %d of %d at most\n", now.queue().currentSize(), now.queue().maxSize());
        for (Map.Entry<String, Integer> each : now.queue().perPriority().entrySet()) {
            var waits = now.waits().get(each.getKey());
            out.format("  %-8s %5d%s%s\n", each.getKey(), each.getValue(),
                    waits == null || each.getValue() == 0
                            ? ""
                            : "   the longest for %s".formatted(time(waits.msOldest() / 1e3)),
                    waits == null || waits.granted() == 0
                            ? ""
                            : "   waits of the last minute: %s in the mean, %s at most".formatted(
                                    time(waits.msAvg() / 1e3), time(waits.msMax() / 1e3)));
        }
        out.format("  low waits %s at most and is then refused (SIDECAR_LOW_TIMEOUT)\n",
                time(now.queue().lowTimeoutSeconds()));
        if (!now.line().isEmpty()) {
            out.format("\n");
            out.format("  %4s  %-8s %8s %8s  %s\n", "#", "class", "waits", "starts", "model");
        }
        for (int i = 0; i < Math.min(MOST_WAITING, now.line().size()); i++) {
            var one = now.line().get(i);
            out.format("  %4d  %-8s %8s %8s  %s\n", i + 1, one.priority(), time(one.ageSeconds()),
                    one.startSeconds() == null ? "-" : time(one.startSeconds()), name(one.model()));
        }
    }

    private void counts(Snapshot now) {
        out.format("\n");
        out.format("requests   %d: %d throttled, %d passthrough; %d at the provider now, %d streams\n",
                now.requests().total(),
                now.requests().nvidia(), now.requests().passthrough(), now.inFlight().awaiting(),
                now.inFlight().streams());
        out.format(
                "trouble    %d clients told 429, %d refused by a full line, %d tries failed at the provider, %d tried again\n",
                now.requests().ratelimited(), now.errors().queueFullRejects(), now.errors().upstreamErrors(),
                now.retries().total());
    }

    private void models(Snapshot now) {
        if (now.models().isEmpty()) {
            return;
        }
        out.format("\n");
        out.format("%8s %7s %9s %9s  %s\n", "answers", "errors", "mean", "longest", "model");
        for (var model : now.models().subList(0, Math.min(MOST_MODELS, now.models().size()))) {
            out.format("%8d %7d %9s %9s  %s\n", model.requests(), model.errors(), time(model.latencyMsAvg() / 1e3),
                    time(model.latencyMsMax() / 1e3), name(model.model()));
        }
    }

    private static String bar(int part, int whole) {
        int filled = (int) Math.min(BAR, Math.ceil((double) BAR * part / Math.max(1, whole)));
        return "#".repeat(filled) + ".".repeat(BAR - filled);
    }

    /** A name that a client chose, without the characters that control a terminal. */
    private static String name(@Nullable String name) {
        if (name == null) {
            return "-";
        }
        var plain = name.replaceAll("\\p{C}", "?");
        return plain.length() <= LONGEST_NAME ? plain : plain.substring(0, LONGEST_NAME - 1) + "…";
    }

    private static String time(double seconds) {
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        var whole = Duration.ofSeconds(Math.round(seconds));
        if (whole.toMinutes() == 0) {
            return whole.toSeconds() + " s";
        }
        if (whole.toHours() == 0) {
            return "%d min %d s".formatted(whole.toMinutes(), whole.toSecondsPart());
        }
        return whole.toDays() == 0
                ? "%d h %d min".formatted(whole.toHours(), whole.toMinutesPart())
                : "%d d %d h".formatted(whole.toDays(), whole.toHoursPart());
    }

    private static String number(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }
}
