package dev.sidecar.upstream.limits;

import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads what a response of the provider says about its limits, in all forms that providers use. It throws for no
 * content: a meaningless statement counts as absent. Thread-safe.
 *
 * <h2>How long to wait</h2>
 * The first valid one of these in a 429: {@code retry-after-ms} or {@code x-ms-retry-after-ms} (Azure OpenAI), {@code
 * Retry-After} (RFC 9110 section 10.2.3), the sentence in the body ("Please try again in 7m12s"), the reset of the
 * used-up limit.
 *
 * <h2>Which limit</h2>
 * The limit that the body names; otherwise the limit with nothing left according to the header fields. A limit per day,
 * and any limit that is used up for longer than {@link RateLimitSignal#LONGEST_PAUSE}, is a spent quota: no request
 * waits that long. A limit that frees sooner, such as a bucket of requests per day, is only a pause.
 */
public final class RateLimitReader {

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final Duration LONGEST_TOKEN_RESET = Duration.ofMinutes(2);

    private final InstantSource clock;
    private final RefusalBody bodies = new RefusalBody();

    /** @param clock wall-clock time, used for absolute times if the response has no plausible {@code Date} */
    public RateLimitReader(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Reads a response.
     *
     * @param status the status code; a refusal is a 429, or a 503 about a model's workers, as NVIDIA sends it too
     * @param bodyStart the first bytes of the body if {@link #asksForBody}, as received; only the first 8 KiB are read,
     *        and none are kept
     */
    public RateLimitSignal read(int status, HeaderLookup headers, byte[] bodyStart) {
        return switch (status) {
            case TOO_MANY_REQUESTS -> readRefused(headers, bodyStart);
            case SERVICE_UNAVAILABLE -> bodies.read(headers.first("content-encoding"), bodyStart)
                    .reason() == Complaint.Reason.WORKERS ? readRefused(headers, bodyStart) : readAccepted(headers);
            default -> readAccepted(headers);
        };
    }

    /** Whether the body of a response with this status says something about limits. */
    public static boolean asksForBody(int status) {
        return status == TOO_MANY_REQUESTS || status == SERVICE_UNAVAILABLE;
    }

    /** Reads a response that is not a 429: only a few look-ups if it says nothing, which is usual. */
    public RateLimitSignal readAccepted(HeaderLookup headers) {
        return minuteWindow(headers).map(window -> window.signal(Kind.NONE, Optional.empty()))
                .orElse(RateLimitSignal.NONE).withRemainingTokens(remainingTokens(headers));
    }

    /** The tokens left of a limit that is of a minute or so: one that is full again much later is of a day. */
    private OptionalLong remainingTokens(HeaderLookup headers) {
        for (int i = 0; i < FieldNames.TOKEN_BUCKETS.size(); i++) {
            FieldNames names = FieldNames.TOKEN_BUCKETS.get(i);
            if (names.isIn(headers)) {
                Allowance left = names.read(headers, new WaitReader(clock, headers));
                boolean isShort = left.reset().isEmpty()
                        || left.reset().get().length().compareTo(LONGEST_TOKEN_RESET) <= 0;
                return isShort && left.remaining().isPresent()
                        ? OptionalLong.of(left.remaining().getAsInt())
                        : OptionalLong.empty();
            }
        }
        return OptionalLong.empty();
    }

    private Optional<MinuteWindow> minuteWindow(HeaderLookup headers) {
        var waits = new WaitReader(clock, headers);
        for (int i = 0; i < FieldNames.REQUEST_BUCKETS.size(); i++) {
            FieldNames names = FieldNames.REQUEST_BUCKETS.get(i);
            if (names.isIn(headers)) {
                Optional<MinuteWindow> window = MinuteWindow.ofBucket(names.read(headers, waits));
                if (window.isPresent()) {
                    return window;
                }
            }
        }
        return DraftFields.minute(headers, waits);
    }

    private RateLimitSignal readRefused(HeaderLookup headers, byte[] bodyStart) {
        Complaint complaint = bodies.read(headers.first("content-encoding"), bodyStart);
        Optional<Duration> asked = asked(headers, complaint);
        List<Allowance> requests = requests(headers);
        List<Allowance> tokens = all(FieldNames.TOKENS, headers);
        Kind named = kind(complaint, requests, tokens);
        Optional<Duration> reset = switch (named) {
            case REQUEST_RATE, UNKNOWN -> longestReset(requests.stream().filter(each -> !each.hasLeft()).toList());
            case TOKEN_RATE -> longestReset(tokens.stream().anyMatch(Allowance::isSpent)
                    ? tokens.stream().filter(Allowance::isSpent).toList()
                    : tokens);
            case NONE, WORKER_CAP, QUOTA_SPENT -> Optional.empty();
        };
        Kind kind = isSpentForLong(complaint, asked, reset, named) ? Kind.QUOTA_SPENT : named;
        Optional<Duration> pause = asked.or(() -> reset).map(RateLimitReader::clamp);
        return minuteWindow(headers).map(window -> window.signal(kind, pause)).orElseGet(() -> silent(kind, pause));
    }

    private Optional<Duration> asked(HeaderLookup headers, Complaint complaint) {
        return milliseconds(headers, "retry-after-ms").or(() -> milliseconds(headers, "x-ms-retry-after-ms"))
                .or(() -> Optional.ofNullable(headers.first("retry-after"))
                        .flatMap(new WaitReader(clock, headers)::retryAfter))
                .map(Wait::length).or(complaint::asked);
    }

    private static Optional<Wait> milliseconds(HeaderLookup headers, String name) {
        return Optional.ofNullable(headers.first(name)).flatMap(WaitReader::milliseconds);
    }

    private List<Allowance> requests(HeaderLookup headers) {
        List<Allowance> requests = all(FieldNames.REQUESTS, headers);
        requests.add(DraftFields.spent(headers));
        return requests;
    }

    private List<Allowance> all(List<FieldNames> groups, HeaderLookup headers) {
        var waits = new WaitReader(clock, headers);
        var read = new ArrayList<Allowance>();
        for (FieldNames names : groups) {
            read.add(names.read(headers, waits));
        }
        return read;
    }

    private static Kind kind(Complaint complaint, List<Allowance> requests, List<Allowance> tokens) {
        return switch (complaint.reason()) {
            case WORKERS -> Kind.WORKER_CAP;
            case MONEY -> Kind.QUOTA_SPENT;
            case REQUESTS, REQUESTS_PER_DAY -> Kind.REQUEST_RATE;
            case TOKENS, TOKENS_PER_DAY -> Kind.TOKEN_RATE;
            case NONE -> {
                if (requests.stream().anyMatch(Allowance::isSpent)) {
                    yield Kind.REQUEST_RATE;
                }
                yield tokens.stream().anyMatch(Allowance::isSpent) ? Kind.TOKEN_RATE : Kind.UNKNOWN;
            }
        };
    }

    /**
     * Whether it is a limit per day, or of unknown length, that frees nothing for longer than the longest pause. A
     * limit that the body calls per minute is taken as such, and an absurd {@code Retry-After} alone proves nothing.
     */
    private static boolean isSpentForLong(Complaint complaint, Optional<Duration> asked, Optional<Duration> reset,
            Kind named) {
        return switch (complaint.reason()) {
            case REQUESTS_PER_DAY, TOKENS_PER_DAY -> isLong(asked.or(() -> reset));
            case NONE -> named != Kind.UNKNOWN && isLong(reset) && (asked.isEmpty() || isLong(asked));
            case REQUESTS, TOKENS, WORKERS, MONEY -> false;
        };
    }

    private static boolean isLong(Optional<Duration> wait) {
        return wait.isPresent() && wait.get().compareTo(RateLimitSignal.LONGEST_PAUSE) > 0;
    }

    private static Optional<Duration> longestReset(List<Allowance> allowances) {
        return allowances.stream().flatMap(each -> each.reset().stream()).map(Wait::length).max(Duration::compareTo);
    }

    private static Duration clamp(Duration wait) {
        return wait.compareTo(RateLimitSignal.LONGEST_PAUSE) > 0 ? RateLimitSignal.LONGEST_PAUSE : wait;
    }

    private static RateLimitSignal silent(Kind kind, Optional<Duration> pause) {
        RateLimitSignal bare = RateLimitSignal.unknown();
        return kind == Kind.UNKNOWN && pause.isEmpty()
                ? bare
                : new RateLimitSignal(kind, pause, bare.limitPerMinute(), bare.remaining(), bare.reset());
    }
}
