package dev.sidecar.upstream.limits;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The fields of the IETF draft "RateLimit header fields for HTTP"
 * (<a href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/">draft-ietf-httpapi-ratelimit-headers</a>),
 * which state the window:
 * <ul>
 * <li>since version 08 {@code RateLimit: "default";r=50;t=30} with {@code RateLimit-Policy: "default";q=100;w=60};
 * <li>version 07 {@code RateLimit: limit=100, remaining=50, reset=30} with {@code RateLimit-Policy: 100;w=60};
 * <li>before it {@code RateLimit-Limit: 100, 100;w=60}, {@code RateLimit-Remaining} and {@code RateLimit-Reset}, the window
 * also in {@code RateLimit-Policy}; gateways send these with {@code X-} before the name.
 * </ul>
 */
final class DraftFields {

    private static final String POLICY = "ratelimit-policy";
    private static final String STATE = "ratelimit";

    private DraftFields() {
    }

    /** The limit of requests per minute, with its remainder if the response states it for this limit. */
    static Optional<MinuteWindow> minute(HeaderLookup headers, WaitReader waits) {
        String policy = headers.first(POLICY);
        if (policy != null) {
            return ofPolicies(policy, headers, waits);
        }
        Optional<MinuteWindow> listed = listed(FieldNames.DRAFT, headers, waits);
        return listed.isPresent() ? listed : listed(FieldNames.GENERIC, headers, waits);
    }

    /** Since version 08: the quota that is used up, with the time until it is renewed. Unstated if none is used up. */
    static Allowance spent(HeaderLookup headers) {
        for (FieldItem item : FieldItem.list(headers.first(STATE))) {
            Allowance state = state(item);
            if (state.isSpent() && countsRequests(policyOf(item, headers))) {
                return state;
            }
        }
        return version07(headers);
    }

    private static Optional<MinuteWindow> ofPolicies(String field, HeaderLookup headers, WaitReader waits) {
        for (FieldItem policy : FieldItem.list(field)) {
            OptionalInt quota = policy.number("q", 1);
            if (isMinute(policy) && countsRequests(policy)) {
                return quota.isPresent()
                        ? Optional.of(named(policy.head(), quota.getAsInt(), headers))
                        : ofNumber(policy, headers, waits);
            }
        }
        return Optional.empty();
    }

    /** Since version 08: the state has the name of its policy. */
    private static MinuteWindow named(String name, int quota, HeaderLookup headers) {
        for (FieldItem item : FieldItem.list(headers.first(STATE))) {
            if (item.head().equals(name)) {
                return window(quota, state(item));
            }
        }
        return window(quota, Allowance.UNSTATED);
    }

    /** Up to version 07: the policy is identified by its quota, and the remainder may belong to another policy. */
    private static Optional<MinuteWindow> ofNumber(FieldItem policy, HeaderLookup headers, WaitReader waits) {
        OptionalInt quota = Allowance.count(policy.head(), 1);
        if (quota.isEmpty()) {
            return Optional.empty();
        }
        Allowance state = version07(headers);
        if (state.limit().isEmpty()) {
            state = old(FieldNames.DRAFT, headers, waits);
        }
        return Optional.of(window(quota.getAsInt(), state.limit().equals(quota) ? state : Allowance.UNSTATED));
    }

    /** Up to version 06: the limit field contains the window. */
    private static Optional<MinuteWindow> listed(FieldNames names, HeaderLookup headers, WaitReader waits) {
        String field = headers.first(names.limit());
        if (field == null || field.indexOf(';') < 0) {
            return Optional.empty();
        }
        for (FieldItem policy : FieldItem.list(field)) {
            OptionalInt quota = Allowance.count(policy.head(), 1);
            if (isMinute(policy) && quota.isPresent()) {
                Allowance state = old(names, headers, waits);
                return Optional
                        .of(window(quota.getAsInt(), state.limit().equals(quota) ? state : Allowance.UNSTATED));
            }
        }
        return Optional.empty();
    }

    /** The limit here is the first number of the list: the other two fields refer to it. */
    private static Allowance old(FieldNames names, HeaderLookup headers, WaitReader waits) {
        List<FieldItem> limits = FieldItem.list(headers.first(names.limit()));
        Allowance read = names.read(headers, waits);
        return limits.isEmpty()
                ? read
                : new Allowance(Allowance.count(limits.getFirst().head(), 1), read.remaining(), read.reset());
    }

    private static Allowance version07(HeaderLookup headers) {
        List<FieldItem> items = FieldItem.list(headers.first(STATE));
        return items.isEmpty()
                ? Allowance.UNSTATED
                : new Allowance(keyed(items, "limit", 1), keyed(items, "remaining", 0),
                        inSeconds(keyed(items, "reset", 0)));
    }

    private static OptionalInt keyed(List<FieldItem> items, String key, int least) {
        for (FieldItem item : items) {
            if (item.head().startsWith(key + "=")) {
                return Allowance.count(item.head().substring(key.length() + 1), least);
            }
        }
        return OptionalInt.empty();
    }

    private static Allowance state(FieldItem item) {
        return new Allowance(OptionalInt.empty(), item.number("r", 0), inSeconds(item.number("t", 0)));
    }

    private static Optional<Wait> inSeconds(OptionalInt seconds) {
        return seconds.isEmpty()
                ? Optional.empty()
                : Optional.of(Wait.inSeconds(Duration.ofSeconds(seconds.getAsInt())));
    }

    private static FieldItem policyOf(FieldItem state, HeaderLookup headers) {
        for (FieldItem policy : FieldItem.list(headers.first(POLICY))) {
            if (policy.head().equals(state.head())) {
                return policy;
            }
        }
        return state;
    }

    /** The unit of a quota is requests unless it says otherwise (bytes, or requests at once). */
    private static boolean countsRequests(FieldItem policy) {
        String unit = policy.parameter("qu");
        return unit == null || unit.equals("requests");
    }

    private static boolean isMinute(FieldItem policy) {
        OptionalInt window = policy.number("w", 1);
        return window.isPresent() && MinuteWindow.isMinute(window.getAsInt());
    }

    private static MinuteWindow window(int quota, Allowance state) {
        return new MinuteWindow(quota, state.remaining(), state.reset().map(Wait::length));
    }
}
