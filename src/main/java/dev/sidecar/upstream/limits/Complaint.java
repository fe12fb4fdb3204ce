package dev.sidecar.upstream.limits;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * The content of a 429's body. Immutable; keeps no part of the body itself.
 *
 * @param reason the limit that it names
 * @param asked the wait that it asks for, unclamped; empty if not stated
 */
record Complaint(Reason reason, Optional<Duration> asked) {

    /** The limit that a body names. */
    enum Reason {
        /** No limit, or an unknown one. */
        NONE, REQUESTS, TOKENS, REQUESTS_PER_DAY, TOKENS_PER_DAY,
        /** The workers of one model are busy, with requests of any user. */
        WORKERS,
        /** Nothing was paid for, or the paid amount is used up. */
        MONEY
    }

    /** Words before a length of time: OpenAI and Groq, Azure OpenAI, Google. */
    private static final String[] WAIT_WORDS = {"try again in ", "retry after ", "retry in "};

    /**
     * Reads the words of a body.
     *
     * @param type {@code error.type}, where OpenAI and Groq name the counted unit; empty if there is none
     * @param words everything that may name the limit
     */
    static Complaint of(String type, String words) {
        String text = words.toLowerCase(Locale.ROOT);
        return new Complaint(reason(type.toLowerCase(Locale.ROOT), text), wait(text));
    }

    private static Reason reason(String type, String text) {
        if (text.contains("resourceexhausted") && text.contains("worker local total request limit reached")) {
            return Reason.WORKERS;
        }
        if (text.contains("insufficient_quota") || text.contains("billing_hard_limit_reached")
                || text.contains("billing_not_active")) {
            return Reason.MONEY;
        }
        if (text.contains("requests per day") || text.contains("models-per-day") || hasWord(text, "rpd")) {
            return Reason.REQUESTS_PER_DAY;
        }
        if (text.contains("tokens per day") || hasWord(text, "tpd")) {
            return Reason.TOKENS_PER_DAY;
        }
        if (type.equals("requests") || text.contains("requests per min") || text.contains("models-per-min")
                || text.contains("call rate limit") || hasWord(text, "rpm")) {
            return Reason.REQUESTS;
        }
        if (type.equals("tokens") || text.contains("tokens per min") || text.contains("token rate limit")
                || hasWord(text, "tpm")) {
            return Reason.TOKENS;
        }
        return Reason.NONE;
    }

    /** Whether the word stands alone or begins {@code a_code}: many names contain the same three letters. */
    private static boolean hasWord(String text, String word) {
        for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
            int end = at + word.length();
            boolean begins = at == 0 || endsWord(text.charAt(at - 1));
            if (begins && (end == text.length() || endsWord(text.charAt(end)) || text.charAt(end) == '_')) {
                return true;
            }
        }
        return false;
    }

    private static boolean endsWord(char c) {
        return c <= ' ' || "()\"'.,:;".indexOf(c) >= 0;
    }

    private static Optional<Duration> wait(String text) {
        for (String words : WAIT_WORDS) {
            int at = text.indexOf(words);
            if (at >= 0) {
                Optional<Duration> wait = new TimeScanner(text, at + words.length()).units();
                if (wait.isPresent()) {
                    return wait;
                }
            }
        }
        return Optional.empty();
    }
}
