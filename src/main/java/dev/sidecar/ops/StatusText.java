package dev.sidecar.ops;

import dev.sidecar.configfile.ConfigFileReport;
import dev.sidecar.files.RefusedEdit;
import dev.sidecar.ops.Status.Snapshot;
import dev.sidecar.reload.RoutesReport;
import java.util.Comparator;
import java.util.Formatter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A snapshot as a page of text, with an operator's first questions on top. For one use. */
final class StatusText {

    private static final int MOST_MODELS = 10;
    private static final int MOST_WAITING = 10;
    private static final int MOST_CLIENTS = 20;
    private static final int MOST_REFUSED = 10;
    private static final int BAR = 40;

    private final StringBuilder text = new StringBuilder(2048);
    private final Formatter out = new Formatter(text, Locale.ROOT);

    private StatusText() {
    }

    static String of(Snapshot snapshot) {
        var page = new StatusText();
        page.top(snapshot);
        page.queue(snapshot);
        page.clients(snapshot);
        page.fleet(snapshot.fleet());
        page.counts(snapshot);
        page.refused(snapshot);
        page.models(snapshot);
        return page.text.toString();
    }

    private void top(Snapshot now) {
        out.format("NVIDIA Sidecar, up %s\n", Figures.time(now.uptimeSeconds()));
        out.format("\n");
        condition(now.condition());
        out.format("budget     [%s] %d of %d used in the last 60 s, %d left%s\n",
                bar(now.budget().used(), now.budget().limit()),
                now.budget().used(), now.budget().limit(), now.budget().left(), nextSlot(now));
        var retreat = now.retreat();
        out.format("rate       %s a minute of %s, %s, %s\n", Figures.number(retreat.effectiveRpm()),
                Figures.number(retreat.baseRpm()),
                retreat.pacing(), retreat.state());
        if (retreat.evidence() != null) {
            out.format("           provider refused %s ago at %s a minute (%s)%s\n",
                    Figures.time(retreat.evidence().ageSeconds()),
                    Figures.number(retreat.evidence().acceptedInWindow()), retreat.evidence().kind().replace('_', ' '),
                    nextProbe(retreat.nextProbeSeconds()));
        }
        if (now.providers().isEmpty()) {
            out.format("provider   %s, circuit %s, %s of the responses 429\n", reached(now.upstream()),
                    now.circuitBreaker().state().replace('_', ' '), percent(retreat.upstream429Rate()));
        } else {
            now.providers().forEach(this::provider);
            out.format("           at most %s of the responses of a key are 429\n", percent(retreat.upstream429Rate()));
        }
        for (var key : now.keys()) {
            out.format("key        %s%s: %s%s%s\n", key.name(), account(key), key.state().replace('_', ' '),
                    now.keys().size() == 1 ? "" : figures(key),
                    key.modelTokens() == null ? "" : ", " + key.modelTokens());
        }
        routes(now.routes(), now.timestamp().doubleValue());
        if (now.configFile() != null) {
            configFile(now.configFile(), now.timestamp().doubleValue());
        }
        for (var model : now.cappedModels()) {
            out.format("           %s: %d of %d run, %d wait\n", Figures.name(model.model()), model.inFlight(),
                    model.cap(),
                    model.waiting());
        }
    }

    private void provider(ProviderStatus one) {
        var probe = one.probeSeconds();
        out.format("provider   %s: %s, circuit %s%s%s\n", one.provider(),
                reached(new Status.Upstream(reachable(one.reachable()), one.ageSeconds(), one.source())),
                one.circuit().replace('_', ' '), nextProbe(probe),
                one.fallbackAfterSeconds() == 0
                        ? ""
                        : ", for what has waited " + Figures.time(one.fallbackAfterSeconds()));
    }

    private static String reachable(@Nullable Boolean known) {
        return known == null ? "unknown" : known ? "reachable" : "unreachable";
    }

    private static String account(KeyStatus key) {
        return key.account() == null ? "" : " (account " + key.account() + ")";
    }

    private static String figures(KeyStatus key) {
        return ", %d of %s used, %s a minute in force%s%s".formatted(key.used(), Figures.number(key.rateRpm()),
                Figures.number(key.effectiveRpm()),
                key.pausedSeconds() > 0 ? ", paused for " + Figures.time(key.pausedSeconds()) : "",
                key.refusedStatus() == null ? "" : ", provider said " + key.refusedStatus());
    }

    private void routes(RoutesReport routes, double now) {
        out.format("routes     generation %d, in force for %s%s\n", routes.generation(),
                Figures.time(now - routes.loadedAt().doubleValue()),
                routes.draining() == 0 ? "" : ", %d earlier still have requests".formatted(routes.draining()));
        refused(routes.lastError(), now);
    }

    private void configFile(ConfigFileReport config, double now) {
        out.format("clients    %d, the file %s in force for %s\n", config.clients(), config.file(),
                Figures.time(now - config.loadedAt().doubleValue()));
        refused(config.lastError(), now);
    }

    private void refused(@Nullable RefusedEdit edit, double now) {
        if (edit != null) {
            out.format("           a change was refused %s ago:\n", Figures.time(now - edit.at().doubleValue()));
            edit.problems().forEach(problem -> out.format("             %s\n", problem));
        }
    }

    private void condition(Condition condition) {
        out.format("%-10s %s: %s\n", "state", condition.getSeverity().label(), condition.headline());
        out.format("           %s\n", condition.detail());
        out.format("\n");
    }

    private static String reached(Status.Upstream upstream) {
        var age = upstream.ageSeconds();
        var known = upstream.state().equals("unknown") ? "not heard of yet" : upstream.state();
        return age == null ? known : "%s (a %s, %s ago)".formatted(known, upstream.source(), Figures.time(age));
    }

    private static String nextSlot(Snapshot now) {
        if (now.retreat().pausedSeconds() > 0) {
            return ", paused for " + Figures.time(now.retreat().pausedSeconds());
        }
        var next = now.budget().nextSlotSeconds();
        return next == null || next == 0 ? "" : ", next slot in " + Figures.time(next);
    }

    private static String nextProbe(@Nullable Double seconds) {
        return seconds == null ? "" : ", next probe " + (seconds == 0 ? "now" : "in " + Figures.time(seconds));
    }

    private void queue(Snapshot now) {
        out.format("\n");
        out.format("waiting    %d of %d at most\n", now.queue().currentSize(), now.queue().maxSize());
        for (Map.Entry<String, Integer> each : now.queue().perPriority().entrySet()) {
            var waits = now.waits().get(each.getKey());
            out.format("  %-8s %5d%s%s\n", each.getKey(), each.getValue(),
                    waits == null || each.getValue() == 0
                            ? ""
                            : "   the longest for %s".formatted(Figures.time(waits.msOldest() / 1e3)),
                    waits == null || waits.granted() == 0
                            ? ""
                            : "   waits of the last minute: %s in the mean, %s at most".formatted(
                                    Figures.time(waits.msAvg() / 1e3), Figures.time(waits.msMax() / 1e3)));
        }
        out.format("  low waits %s at most and is then refused (SIDECAR_LOW_TIMEOUT)\n",
                Figures.time(now.queue().lowTimeoutSeconds()));
        if (now.queue().heartbeatSeconds() > 0 || now.queue().underHeartbeat() > 0) {
            out.format("  streams that wait longer than %s are told so (SIDECAR_HEARTBEAT): %d now\n",
                    Figures.time(now.queue().heartbeatSeconds()), now.queue().underHeartbeat());
        }
        if (!now.line().isEmpty()) {
            out.format("\n");
            out.format("  %4s  %-8s %8s %8s  %s\n", "#", "class", "waits", "starts", "model");
        }
        for (int i = 0; i < Math.min(MOST_WAITING, now.line().size()); i++) {
            var one = now.line().get(i);
            out.format("  %4d  %-8s %8s %8s  %s\n", i + 1, one.priority(), Figures.time(one.ageSeconds()),
                    one.startSeconds() == null ? "-" : Figures.time(one.startSeconds()), Figures.name(one.model()));
        }
    }

    /** One anonymous crowd is no table. */
    private void clients(Snapshot now) {
        if (now.clients().size() < 2) {
            return;
        }
        out.format("\n");
        out.format("%-20s %6s %7s %7s %8s %8s  %s\n", "client", "weight", "waiting", "running", "slots", "refused",
                "held back by");
        now.clients().stream().sorted(Comparator.comparingInt(ClientStatus::waiting).reversed()).limit(MOST_CLIENTS)
                .forEach(each -> out.format("%-20s %6d %7d %7d %8d %8d  %s\n", each.name(), each.weight(),
                        each.waiting(), each.inFlight(), each.granted(), each.refused(), heldBack(each)));
    }

    private void fleet(FleetReport fleet) {
        if (fleet.replica() == null) {
            return;
        }
        out.format("\n");
        out.format("fleet      %s, as %s; %s; a message takes %s ms\n", fleet.mode(), fleet.replica(),
                fleet.leader() == null ? "nobody leads" : fleet.leader() + " leads", fleet.redisMs());
        out.format("%-32s %7s %9s %6s\n", "replica", "waiting", "in flight", "part");
        fleet.replicas().forEach(each -> out.format("%-32s %7d %9d %6d\n", each.id(), each.waiting(),
                each.inFlight(), each.partRpm()));
    }

    private static String heldBack(ClientStatus client) {
        if (client.heldBy() == null) {
            return "";
        }
        var seconds = client.heldSeconds();
        return seconds == null ? "its running requests" : "its own limit, for " + Figures.time(seconds);
    }

    private void counts(Snapshot now) {
        out.format("\n");
        out.format("requests   %d: %d throttled, %d passthrough; %d at the provider now, %d streams\n",
                now.requests().total(),
                now.requests().nvidia(), now.requests().passthrough(), now.inFlight().awaiting(),
                now.inFlight().streams());
        out.format(
                "trouble    %d clients told 429, %d refused by a full queue, %d attempts failed at the provider, %d sent again\n",
                now.requests().ratelimited(), now.errors().queueFullRejects(), now.errors().upstreamErrors(),
                now.retries().total());
    }

    private void refused(Snapshot now) {
        if (now.refused().isEmpty()) {
            return;
        }
        out.format("\n");
        out.format("%9s %-8s %9s  %s\n", "refused", "class", "latest", "reason and model, last hour");
        for (var row : now.refused().subList(0, Math.min(MOST_REFUSED, now.refused().size()))) {
            out.format("%9d %-8s %9s  %s, %s\n", row.count(), row.priority(), Figures.time(row.lastSeconds()),
                    row.reason(), Figures.name(row.model()));
        }
    }

    private void models(Snapshot now) {
        if (now.models().isEmpty()) {
            return;
        }
        out.format("\n");
        out.format("%9s %7s %9s %9s  %s\n", "responses", "errors", "mean", "longest", "model");
        for (var model : now.models().subList(0, Math.min(MOST_MODELS, now.models().size()))) {
            out.format("%9d %7d %9s %9s  %s\n", model.requests(), model.errors(),
                    Figures.time(model.latencyMsAvg() / 1e3),
                    Figures.time(model.latencyMsMax() / 1e3), Figures.name(model.model()));
        }
    }

    private static String bar(int part, int whole) {
        int filled = (int) Math.min(BAR, Math.ceil((double) BAR * part / Math.max(1, whole)));
        return "#".repeat(filled) + ".".repeat(BAR - filled);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }
}
