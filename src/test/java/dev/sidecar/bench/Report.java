package dev.sidecar.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The table for people and the file for programs. */
final class Report {

    private static final String LINE = "%-36s %9s %9s %9s %9s  %9s  %-13s %s%n";

    private final Settings settings;
    private final Cores cores;
    private final Map<Target, Figures> figures;
    private final List<Findings> findings;
    private final Disturbance disturbance;
    private final List<String> failures;
    private final int faults;

    Report(Settings settings, Cores cores, Map<Target, Figures> figures, List<Findings> findings,
            Disturbance disturbance, List<String> failures, int faults) {
        this.settings = settings;
        this.cores = cores;
        this.figures = figures;
        this.findings = findings;
        this.disturbance = disturbance;
        this.failures = failures;
        this.faults = faults;
    }

    /** One line: a key for the file, a name with its unit for the table, and how to find the figure. */
    private record Row(String key, String name, boolean added, Goal goal, ToDoubleFunction<Figures> figure) {

        static Row of(String key, String name, ToDoubleFunction<Figures> figure) {
            return new Row(key, name, false, Goal.NONE, figure);
        }

        /** What this is more than on the direct way. */
        static Row added(String key, String name, Goal goal, ToDoubleFunction<Figures> figure) {
            return new Row(key, name, true, goal, figure);
        }

        double at(Target target, Map<Target, Figures> figures) {
            Figures measured = figures.get(target);
            if (measured == null) {
                return Double.NaN;
            }
            if (!added) {
                return figure.applyAsDouble(measured);
            }
            Figures direct = figures.get(Target.DIRECT);
            return direct == null || target == Target.DIRECT
                    ? Double.NaN
                    : figure.applyAsDouble(measured) - figure.applyAsDouble(direct);
        }

        double ratio(Map<Target, Figures> figures) {
            double sidecar = at(Target.SIDECAR, figures);
            double vertx = at(Target.VERTX, figures);
            return sidecar > 0 && vertx > 0 ? sidecar / vertx : Double.NaN;
        }
    }

    private static List<Row> rows() {
        ToDoubleFunction<Figures> p50 = f -> Figures.median(f.paced(), Figures.Requests::p50);
        ToDoubleFunction<Figures> p99 = f -> Figures.median(f.paced(), Figures.Requests::p99);
        ToDoubleFunction<Figures> firstP50 = f -> Figures.median(f.streams(), Figures.Streams::firstP50);
        ToDoubleFunction<Figures> firstP99 = f -> Figures.median(f.streams(), Figures.Streams::firstP99);
        ToDoubleFunction<Figures> chunkP50 = f -> Figures.median(f.streams(), Figures.Streams::chunkP50);
        ToDoubleFunction<Figures> chunkP99 = f -> Figures.median(f.streams(), Figures.Streams::chunkP99);
        return List.of(
                new Row("cpu_us_per_request_saturated", "CPU per request, saturated     µs", false,
                        Goal.atMostTimesVertx(4), f -> Figures.median(f.saturated(), Figures.Requests::cpuMicrosEach)),
                Row.of("cpu_us_per_request_paced", "CPU per request, 300/s         µs",
                        f -> Figures.median(f.paced(), Figures.Requests::cpuMicrosEach)),
                Row.of("context_switches_per_request_paced", "context switches per request, 300/s",
                        f -> Figures.median(f.paced(), Figures.Requests::contextSwitchesEach)),
                Row.of("cpu_us_per_chunk", "CPU per streamed chunk         µs",
                        f -> Figures.median(f.streams(), Figures.Streams::cpuMicrosPerChunk)),
                Row.of("requests_per_second_saturated", "requests per second, saturated",
                        f -> Figures.median(f.saturated(), Figures.Requests::perSecond)),
                Row.of("core_busy_percent_saturated", "proxy's core busy, saturated   %",
                        f -> Figures.median(f.saturated(), Figures.Requests::cpuShare) * 100),
                Row.of("latency_ms_p50", "latency p50, 300/s             ms", p50),
                Row.of("latency_ms_p99", "latency p99, 300/s             ms", p99),
                Row.added("added_latency_ms_p50", "  added p50                    ms", Goal.NONE, p50),
                Row.added("added_latency_ms_p99", "  added p99                    ms", Goal.below(3, "ms"), p99),
                Row.of("first_chunk_ms_p50", "first chunk p50, 200 streams   ms", firstP50),
                Row.of("first_chunk_ms_p99", "first chunk p99                ms", firstP99),
                Row.added("added_first_chunk_ms_p50", "  added p50                    ms", Goal.NONE, firstP50),
                Row.added("added_first_chunk_ms_p99", "  added p99                    ms", Goal.below(5, "ms"),
                        firstP99),
                Row.of("chunk_delay_ms_p50", "delay per chunk p50            ms", chunkP50),
                Row.of("chunk_delay_ms_p99", "delay per chunk p99            ms", chunkP99),
                Row.added("added_chunk_delay_ms_p50", "  added p50                    ms", Goal.NONE, chunkP50),
                Row.added("added_chunk_delay_ms_p99", "  added p99                    ms", Goal.NONE, chunkP99),
                Row.of("resident_mb_at_start", "resident at start, idle        MB", Figures::residentAtStart),
                new Row("resident_mb_after", "resident after all this        MB", false, Goal.below(320, "MB"),
                        Figures::residentAfter),
                Row.of("resident_mb_peak", "resident at its peak           MB", Figures::residentPeak),
                new Row("idle_cpu_ms_per_second", "CPU per idle second            ms", false, Goal.below(3, "ms"),
                        Figures::idleCpuMillisPerSecond),
                Row.of("start_up_seconds", "start to first proxied answer  s",
                        f -> Figures.median(f.startUpSeconds(), Double::doubleValue)));
    }

    void write() throws IOException {
        Path file = settings.output().resolve("results.json");
        Files.writeString(file, json() + "\n");
        // The table is UTF-8 whatever the platform's console says about itself: Maven passes it on as it is.
        System.out.write(table(file).getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    private String table(Path file) {
        StringBuilder out = new StringBuilder("\n");
        machine().forEach((name, value) -> out.append(name).append(": ").append(value).append('\n'));
        if (!settings.targets().isEmpty()) {
            appendTargets(out);
        }
        findings.forEach(each -> append(each, out));
        out.append("\nEvery figure is in ").append(settings.base().relativize(file)).append(".\n");
        if (settings.quick()) {
            out.append("QUICK MODE: a smoke test, too short for these figures to mean anything.\n");
        }
        if (failures.isEmpty()) {
            out.append("Every answer was complete and byte-identical to the provider's.\n");
        } else {
            out.append("FAILED").append(faults == 0 ? "" : ", " + faults + " wrong answers").append(":\n");
            failures.forEach(failure -> out.append("  ").append(failure).append('\n'));
        }
        return out.toString();
    }

    private void appendTargets(StringBuilder out) {
        out.append('\n')
                .append(LINE.formatted("", "direct", "Vert.x", "gateway", "sidecar", "vs Vert.x", "target", "met"));
        for (Row row : rows()) {
            double ratio = row.ratio(figures);
            out.append(LINE.formatted(row.name(), number(row.at(Target.DIRECT, figures)),
                    number(row.at(Target.VERTX, figures)), number(row.at(Target.GATEWAY, figures)),
                    number(row.at(Target.SIDECAR, figures)),
                    Double.isNaN(ratio) ? "" : String.format(Locale.ROOT, "%.1f×", ratio), row.goal().text(),
                    row.goal().met(row.at(Target.SIDECAR, figures), ratio)));
        }
        out.append("\nMedians of ").append(settings.intervals()).append(" intervals after ")
                .append(settings.warmUpSeconds()).append(" s of warm-up under full load.\n");
    }

    private static void append(Findings findings, StringBuilder out) {
        out.append('\n').append(findings.title()).append('\n');
        findings.conditions().forEach(condition -> out.append("  ").append(condition).append('\n'));
        for (Finding each : findings.figures()) {
            out.append(LINE.formatted(each.name(), "", "", "", number(each.value()), "", each.goal().text(),
                    each.goal().met(each.value(), Double.NaN)));
        }
    }

    private String json() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        root.put("machine", machine());
        root.put("quick", settings.quick());
        root.put("warm_up_seconds", settings.warmUpSeconds());
        root.put("other_programs_cores_per_interval", disturbance.intervals());
        root.put("failures", failures);
        Map<String, Object> summary = new LinkedHashMap<>();
        for (Row row : rows()) {
            Map<String, Object> line = new LinkedHashMap<>();
            for (Target target : figures.keySet()) {
                line.put(target.label(), row.at(target, figures));
            }
            double ratio = row.ratio(figures);
            line.put("sidecar_to_vertx", ratio);
            if (!row.goal().equals(Goal.NONE)) {
                line.put("target", row.goal().text());
                line.put("met", row.goal().met(row.at(Target.SIDECAR, figures), ratio));
            }
            summary.put(row.key(), line);
        }
        root.put("summary", summary);
        root.put("intervals", figures.values());
        root.put("findings", findings.stream().map(Report::asMap).toList());
        return new ObjectMapper().registerModule(new SimpleModule().addSerializer(Double.class, new Numbers())
                .addSerializer(double.class, new Numbers())).writerWithDefaultPrettyPrinter().writeValueAsString(root);
    }

    private static Map<String, Object> asMap(Findings findings) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("title", findings.title());
        map.put("conditions", findings.conditions());
        for (Finding each : findings.figures()) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("sidecar", each.value());
            if (!each.goal().equals(Goal.NONE)) {
                line.put("target", each.goal().text());
                line.put("met", each.goal().met(each.value(), Double.NaN));
            }
            map.put(each.key(), line);
        }
        map.put("details", findings.details());
        return map;
    }

    private Map<String, String> machine() {
        Map<String, String> machine = new LinkedHashMap<>();
        String model = ProcFile.value(Path.of("/proc/cpuinfo"), "model name");
        machine.put("cpu", model.isEmpty() ? System.getProperty("os.arch") : model);
        machine.put("cores", cores.allowed().size() + " (" + cores.described() + ")");
        machine.put("jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        machine.put("other programs", disturbance.toString());
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return machine;
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : Math.abs(value) < 1000 ? "%.1f" : "%.0f",
                value);
    }

    /** JSON has no NaN: null stands for what was not measured. */
    private static final class Numbers extends JsonSerializer<Double> {

        @Override
        public void serialize(Double value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (value.isNaN() || value.isInfinite()) {
                json.writeNull();
            } else {
                json.writeNumber(Math.round(value * 1e4) / 1e4);
            }
        }
    }
}
