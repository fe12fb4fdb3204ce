package dev.sidecar.testkit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Prometheus' text format, version 0.0.4, read as strictly as {@code promtool check metrics} does: whatever is not in the
 * grammar, or not true of a histogram, is an {@link IllegalArgumentException}.
 */
public final class PrometheusText {

    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final Pattern HELP = Pattern.compile("# HELP (" + NAME + ") (.*)");
    private static final Pattern TYPE = Pattern
            .compile("# TYPE (" + NAME + ") (counter|gauge|histogram|summary|untyped)");
    private static final Pattern SAMPLE = Pattern.compile("(" + NAME + ")(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern
            .compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\n\"])*)\"(?:,|$)");

    /** One line with a value. */
    public record Sample(String name, Map<String, String> labels, double value) {
    }

    /** One metric with all its samples. */
    public record Family(String name, String type, String help, List<Sample> samples) {
    }

    private final Map<String, Family> families = new LinkedHashMap<>();
    private final Set<String> series = new HashSet<>();
    private @Nullable String helpName;
    private String help = "";
    private @Nullable Family current;

    private PrometheusText() {
    }

    public static PrometheusText parse(String text) {
        var parsed = new PrometheusText();
        if (!text.endsWith("\n")) {
            throw new IllegalArgumentException("the last line has no end");
        }
        for (var line : text.lines().toList()) {
            parsed.line(line);
        }
        parsed.families.values().forEach(PrometheusText::check);
        return parsed;
    }

    public Map<String, Family> families() {
        return families;
    }

    /** Every series: a name with its labels. */
    public Set<String> series() {
        return series;
    }

    /** The value of the one series that has these labels, among others. */
    public double value(String name, String... labels) {
        var found = samples(name, labels);
        if (found.size() != 1) {
            throw new IllegalArgumentException(name + " " + List.of(labels) + ": " + found);
        }
        return found.getFirst().value();
    }

    public double sum(String name, String... labels) {
        return samples(name, labels).stream().mapToDouble(Sample::value).sum();
    }

    public List<Sample> samples(String name, String... labels) {
        return families.values().stream().flatMap(family -> family.samples().stream())
                .filter(sample -> sample.name().equals(name)).filter(sample -> {
                    for (int i = 0; i < labels.length; i += 2) {
                        if (!labels[i + 1].equals(sample.labels().get(labels[i]))) {
                            return false;
                        }
                    }
                    return true;
                }).toList();
    }

    private void line(String line) {
        var helpLine = HELP.matcher(line);
        var typeLine = TYPE.matcher(line);
        var sampleLine = SAMPLE.matcher(line);
        if (helpLine.matches()) {
            helpName = helpLine.group(1);
            help = helpLine.group(2);
        } else if (typeLine.matches()) {
            var name = typeLine.group(1);
            if (!name.equals(helpName)) {
                throw new IllegalArgumentException("TYPE without HELP: " + line);
            }
            current = new Family(name, typeLine.group(2), help, new ArrayList<>());
            if (families.put(name, current) != null) {
                throw new IllegalArgumentException("a second family " + name);
            }
            if (current.type.equals("counter") != name.endsWith("_total")) {
                throw new IllegalArgumentException("counters, and only they, end in _total: " + line);
            }
        } else if (sampleLine.matches() && current != null) {
            sample(current, sampleLine.group(1), labels(sampleLine.group(2)), number(sampleLine.group(3)));
        } else {
            throw new IllegalArgumentException("not in the grammar: " + line);
        }
    }

    private void sample(Family current, String name, Map<String, String> labels, double value) {
        var allowed = switch (current.type) {
            case "histogram" -> Set.of(current.name + "_bucket", current.name + "_sum", current.name + "_count");
            case "summary" -> Set.of(current.name, current.name + "_sum", current.name + "_count");
            default -> Set.of(current.name);
        };
        if (!allowed.contains(name)) {
            throw new IllegalArgumentException(name + " is no sample of " + current.name);
        }
        if (!series.add(name + labels)) {
            throw new IllegalArgumentException("twice: " + name + labels);
        }
        if (current.type.equals("counter") && (value < 0 || Double.isNaN(value))) {
            throw new IllegalArgumentException("no counter: " + name + labels + " " + value);
        }
        current.samples.add(new Sample(name, labels, value));
    }

    private static Map<String, String> labels(@Nullable String text) {
        var labels = new TreeMap<String, String>();
        var rest = LABEL.matcher(text == null ? "" : text);
        int end = 0;
        while (text != null && end < text.length()) {
            if (!rest.find(end) || rest.start() != end) {
                throw new IllegalArgumentException("not labels: " + text);
            }
            if (labels.put(rest.group(1), rest.group(2)) != null) {
                throw new IllegalArgumentException("a label twice: " + text);
            }
            end = rest.end();
        }
        return labels;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** Buckets ascend, are cumulative, and the last one, +Inf, is the count. */
    private static void check(Family family) {
        if (!family.type.equals("histogram")) {
            return;
        }
        Map<Map<String, String>, List<Sample>> rows = new LinkedHashMap<>();
        for (var sample : family.samples) {
            var labels = new TreeMap<>(sample.labels);
            labels.remove("le");
            rows.computeIfAbsent(labels, key -> new ArrayList<>()).add(sample);
        }
        rows.forEach((labels, samples) -> {
            var where = family.name + labels;
            double before = Double.NEGATIVE_INFINITY;
            double counted = 0;
            for (var sample : samples) {
                if (sample.name.endsWith("_bucket")) {
                    double bound = number(sample.labels.getOrDefault("le", "none"));
                    if (bound <= before || sample.value < counted) {
                        throw new IllegalArgumentException("buckets out of order: " + where);
                    }
                    before = bound;
                    counted = sample.value;
                }
            }
            var counts = samples.stream().filter(sample -> sample.name.endsWith("_count")).toList();
            if (before != Double.POSITIVE_INFINITY || counts.size() != 1 || counts.getFirst().value != counted
                    || samples.stream().noneMatch(sample -> sample.name.endsWith("_sum"))) {
                throw new IllegalArgumentException("+Inf, count and sum do not fit: " + where);
            }
        });
    }
}
