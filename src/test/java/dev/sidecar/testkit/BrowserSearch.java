package dev.sidecar.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The ways to a browser, tried in their order until one starts: the one that the developer names, those that are installed,
 * Playwright's download, Debian's package. What does not start is no reason to give up: a program of that name may be a
 * placeholder, and a download may miss libraries of the system.
 *
 * @param <B> what a started browser is
 */
final class BrowserSearch<B> {

    /**
     * One way.
     *
     * @param name what it is called where it fails
     */
    record Way<B>(String name, Start<B> start) {
    }

    /** Starts a browser, or says in the exception's message why not. */
    interface Start<B> {
        B start() throws Exception;
    }

    private static final int LONGEST_REASON = 160;

    private final List<String> failures = new ArrayList<>();

    /** @throws AssertionError with one line that says what to do and what was tried */
    B first(List<Way<B>> ways) {
        for (var way : ways) {
            try {
                return way.start().start();
            } catch (Exception e) {
                failures.add(way.name() + ": " + reason(e));
            }
        }
        throw new AssertionError("no Chromium for the browser tests: install Chromium, Chrome or Edge, or name one in "
                + Chromium.VARIABLE + failures.stream().collect(Collectors.joining("; ", " (", ")")));
    }

    /** The first line that says something: Playwright's messages are pages with frames around them. */
    private static String reason(Exception e) {
        var words = String.valueOf(e.getMessage()).lines()
                .map(line -> line.replaceFirst("^\\s*(Error \\{|message=')", "").replaceAll("[║╔╗╚╝═]", "").strip())
                .filter(line -> !line.isEmpty()).findFirst().orElse(e.getClass().getSimpleName());
        return words.length() <= LONGEST_REASON ? words : words.substring(0, LONGEST_REASON) + "...";
    }
}
