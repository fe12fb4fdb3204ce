package dev.sidecar.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** As much of Prometheus' query language as it takes to say which series a query asks for. */
final class PromQl {

    private static final Set<String> WORDS = Set.of("and", "or", "unless", "on", "by", "without", "ignoring",
            "group_left", "group_right", "bool", "offset");
    private static final Pattern LABEL_LIST = Pattern
            .compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\([^()]*\\)");
    private static final Pattern RANGE = Pattern.compile("\\[[^\\]]*]");
    private static final Pattern NAME = Pattern
            .compile("(?<![\\w:.])([a-zA-Z_:][\\w:]*)\\b(?!\\s*\\()\\s*(?:\\{([^{}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"\\s*(?:,|$)\\s*");

    /** One name, and what it says of its labels. */
    record Selector(String name, List<Matcher> matchers) {

        /** Whether these labels, those of the dashboard's variables aside, are asked for. */
        boolean takes(Map<String, String> labels) {
            return matchers.stream().allMatch(matcher -> matcher.takes(labels));
        }
    }

    /** One condition on a label. */
    record Matcher(String label, String operator, String value) {

        /** A job or an instance is what the scrape adds. */
        boolean takes(Map<String, String> labels) {
            if (label.equals("job") || label.equals("instance")) {
                return true;
            }
            Predicate<String> test = operator.endsWith("~")
                    ? Pattern.compile(value).asMatchPredicate()
                    : value::equals;
            return labels.containsKey(label) && test.test(labels.get(label)) != operator.startsWith("!");
        }
    }

    private PromQl() {
    }

    static List<Selector> selectors(String query) {
        var bare = RANGE.matcher(LABEL_LIST.matcher(query).replaceAll(" ")).replaceAll(" ");
        var selectors = new ArrayList<Selector>();
        var names = NAME.matcher(bare);
        while (names.find()) {
            if (!WORDS.contains(names.group(1))) {
                selectors.add(new Selector(names.group(1), matchers(names.group(2))));
            }
        }
        if (selectors.isEmpty()) {
            throw new IllegalArgumentException("asks for nothing: " + query);
        }
        return selectors;
    }

    private static List<Matcher> matchers(String text) {
        var matchers = new ArrayList<Matcher>();
        var rest = MATCHER.matcher(text == null ? "" : text);
        var end = 0;
        while (rest.find(end) && rest.start() == end) {
            matchers.add(new Matcher(rest.group(1), rest.group(2), rest.group(3)));
            end = rest.end();
        }
        if (text != null && end < text.length()) {
            throw new IllegalArgumentException("not matchers: " + text);
        }
        return matchers;
    }
}
