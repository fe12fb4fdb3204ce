package dev.sidecar.upstream.limits;

import java.util.List;
import java.util.Optional;

/**
 * The three header fields in which a provider states one limit. Immutable.
 *
 * <ul>
 * <li>OpenAI, "Rate limits in headers" of <a href="https://platform.openai.com/docs/guides/rate-limits">its guide</a>:
 * the reset is the time until the limit is back at its initial state, as {@code 1s} or {@code 6m0s}. Azure OpenAI uses
 * the same names with plain seconds, and -1 for a limit that it does not count (<a
 * href="https://learn.microsoft.com/azure/ai-services/openai/how-to/quota">quota</a>).
 * <li><a href="https://console.groq.com/docs/rate-limits">Groq</a>: the same names, but requests are always per day and
 * tokens always per minute. So the name does not tell the window.
 * <li><a href="https://docs.anthropic.com/en/api/rate-limits">Anthropic</a>: the reset is the RFC 3339 time at which
 * the bucket is full again.
 * <li><a href="https://openrouter.ai/docs/api-reference/limits">OpenRouter</a> and many others: names without the
 * counted unit, with a reset in seconds or as Unix time in seconds or (OpenRouter) milliseconds.
 * </ul>
 */
record FieldNames(String limit, String remaining, String reset) {

    static final FieldNames OPENAI_REQUESTS = openAi("requests");
    static final FieldNames ANTHROPIC_REQUESTS = anthropic("requests");
    static final FieldNames GENERIC = generic("x-ratelimit");
    static final FieldNames DRAFT = generic("ratelimit");

    /** Buckets of requests that refill all the time, so the reset shows their speed. */
    static final List<FieldNames> REQUEST_BUCKETS = List.of(OPENAI_REQUESTS, ANTHROPIC_REQUESTS);

    /** The fields that are or may be about requests. */
    static final List<FieldNames> REQUESTS = List.of(OPENAI_REQUESTS, ANTHROPIC_REQUESTS, GENERIC, DRAFT);

    /** What is left of all tokens together. */
    static final List<FieldNames> TOKEN_BUCKETS = List.of(openAi("tokens"), anthropic("tokens"));

    static final List<FieldNames> TOKENS = List.of(openAi("tokens"), anthropic("tokens"), anthropic("input-tokens"),
            anthropic("output-tokens"));

    private static FieldNames openAi(String what) {
        return new FieldNames("x-ratelimit-limit-" + what, "x-ratelimit-remaining-" + what,
                "x-ratelimit-reset-" + what);
    }

    private static FieldNames anthropic(String what) {
        String prefix = "anthropic-ratelimit-" + what;
        return new FieldNames(prefix + "-limit", prefix + "-remaining", prefix + "-reset");
    }

    private static FieldNames generic(String prefix) {
        return new FieldNames(prefix + "-limit", prefix + "-remaining", prefix + "-reset");
    }

    /** Whether the response states this limit. */
    boolean isIn(HeaderLookup headers) {
        return headers.first(limit) != null;
    }

    /** Reads the three fields; an absent or meaningless one is left out. */
    Allowance read(HeaderLookup headers, WaitReader waits) {
        return new Allowance(Allowance.count(headers.first(limit), 1), Allowance.count(headers.first(remaining), 0),
                Optional.ofNullable(headers.first(reset)).flatMap(waits::reset));
    }
}
