package dev.sidecar.upstream.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitReaderTest {

    private static final Instant NOW = Instant.parse("1994-11-06T08:49:07Z");
    private static final byte[] NO_BODY = {};

    private final RateLimitReader reader = new RateLimitReader(InstantSource.fixed(NOW));

    private RateLimitSignal refused(String body, String... fields) {
        return reader.read(429, headers(fields), body.getBytes(StandardCharsets.UTF_8));
    }

    private RateLimitSignal accepted(String... fields) {
        return reader.readAccepted(headers(fields));
    }

    private static HeaderLookup headers(String... fields) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            map.put(fields[i], fields[i + 1]);
        }
        return map::get;
    }

    // How long to wait.

    /** The reader's clock says 08:49:07. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            an hour fast      | Sun, 06 Nov 1994 07:49:07 GMT  | PT30S
            an hour slow      | Sun, 06 Nov 1994 09:49:07 GMT  | PT30S
            in another form   | Sunday, 06-Nov-94 09:49:07 GMT | PT30S
            right             | Sun, 06 Nov 1994 08:49:08 GMT  | PT30S
            a day and more    | Mon, 07 Nov 1994 08:49:08 GMT  | PT10M
            nonsense          | yesterday                      | PT30S
            """)
    void datesAreReadByTheResponsesOwn(String ourClockIs, String date, Duration expected) {
        Instant theirs = switch (ourClockIs) {
            case "an hour fast" -> NOW.minusSeconds(3600);
            case "an hour slow", "in another form" -> NOW.plusSeconds(3600);
            case "right" -> NOW.plusSeconds(1);
            case "a day and more" -> NOW.plusSeconds(86_401);
            default -> NOW;
        };
        String then = DateTimeFormatter.RFC_1123_DATE_TIME.format(theirs.plusSeconds(30).atOffset(ZoneOffset.UTC));
        assertThat(refused("", "retry-after", then, "date", date).pause()).contains(expected);
        assertThat(refused("", "x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests",
                theirs.plusSeconds(30).toString(), "date", " " + date + " ").pause()).contains(expected);
        assertThat(refused("", "x-ratelimit-reset", Long.toString(theirs.plusSeconds(30).getEpochSecond()), "date",
                date).pause()).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            20                              | PT20S
            0                               | PT0S
            1.5                             | PT1.5S
            0.25                            | PT0.25S
            600                             | PT10M
            601                             | PT10M
            99999999999999999999999999      | PT10M
            Sun, 06 Nov 1994 08:49:37 GMT   | PT30S
            Sunday, 06-Nov-94 08:49:37 GMT  | PT30S
            Sun Nov  6 08:49:37 1994        | PT30S
            Mon, 06 Nov 1994 08:49:37 GMT   | PT30S
            Sun, 6 Nov 1994 08:49:37 GMT    | PT30S
            Sat, 05 Nov 1994 08:49:37 GMT   | PT0S
            Wed, 06 Nov 2999 08:49:37 GMT   | PT10M
            Tuesday, 06-Nov-01 08:49:37 GMT | PT10M
            Sunday, 06-Nov-66 08:49:37 GMT  | PT0S
            """)
    void retryAfterIsSecondsOrADateInAnyOfTheThreeForms(String text, Duration expected) {
        assertThat(refused("", "retry-after", text).pause()).contains(expected);
        assertThat(refused("", "retry-after", " " + text + " ").pause()).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-1", "+5", "soon", "NaN", "Infinity", "1e3", "0x10", "5 5", "1,5", "٣",
            "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Nab 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", ","})
    void whatMakesNoSenseIsIgnoredAndTheNextSourceIsUsed(String nonsense) {
        assertThat(refused("", "retry-after", nonsense)).isEqualTo(RateLimitSignal.unknown());
        assertThat(refused("", "retry-after-ms", nonsense, "retry-after", "7").pause())
                .contains(Duration.ofSeconds(7));
        assertThat(refused("", "retry-after", nonsense, "x-ratelimit-remaining-requests", "0",
                "x-ratelimit-reset-requests", "9s").pause()).contains(Duration.ofSeconds(9));
    }

    @Test
    void theMillisecondsComeBeforeTheSecondsAndTheResetComesLast() {
        String[] all = {"retry-after-ms", "1200", "x-ms-retry-after-ms", "1300", "retry-after", "2",
                "x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "4s"};
        String body = "Please try again in 3s.";
        List<Duration> expected = List.of(Duration.ofMillis(1200), Duration.ofMillis(1300), Duration.ofSeconds(2),
                Duration.ofSeconds(3), Duration.ofSeconds(4));
        for (int i = 0; i < 5; i++) {
            String[] fields = Arrays.copyOfRange(all, Math.min(2 * i, 6), all.length);
            assertThat(refused(i < 4 ? body : "", fields).pause()).contains(expected.get(i));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1s                       | PT1S
            6m0s                     | PT6M
            120ms                    | PT0.12S
            1h2m3.5s                 | PT10M
            1m2.5s                   | PT1M2.5S
            617µs                    | PT0.000617S
            30                       | PT30S
            2.5                      | PT2.5S
            784111777                | PT30S
            784111747                | PT0S
            784111777000             | PT30S
            1994-11-06T08:49:37Z     | PT30S
            1994-11-06T09:49:37.5+01:00 | PT30.5S
            Sun, 06 Nov 1994 08:49:37 GMT | PT30S
            """)
    void aResetIsReadInEveryFormThatProvidersUse(String text, Duration expected) {
        assertThat(refused("", "x-ratelimit-remaining", "0", "x-ratelimit-reset", text).pause()).contains(expected);
        assertThat(refused("", "anthropic-ratelimit-requests-remaining", "0", "anthropic-ratelimit-requests-reset",
                text).pause()).contains(expected);
    }

    @Test
    void theTokensLeftOfAMinuteAreRead() {
        assertThat(accepted("x-ratelimit-limit-tokens", "1000", "x-ratelimit-remaining-tokens", "70",
                "x-ratelimit-reset-tokens", "55s").remainingTokens()).hasValue(70);
        assertThat(accepted("anthropic-ratelimit-tokens-limit", "1000", "anthropic-ratelimit-tokens-remaining", "0")
                .remainingTokens()).hasValue(0);
        assertThat(accepted("x-ratelimit-limit-tokens", "1000", "x-ratelimit-remaining-tokens", "70",
                "x-ratelimit-reset-tokens", "6h0m0s").remainingTokens()).isEmpty();
        assertThat(accepted("x-ratelimit-limit-tokens", "1000", "x-ratelimit-remaining-tokens", "-1")
                .remainingTokens()).isEmpty();
    }

    @Test
    void onlyTheResetOfWhatIsUsedUpCounts() {
        var signal = refused("", "x-ratelimit-remaining-requests", "12", "x-ratelimit-reset-requests", "50s",
                "x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "8s");
        assertThat(signal.kind()).isEqualTo(Kind.TOKEN_RATE);
        assertThat(signal.pause()).contains(Duration.ofSeconds(8));
        assertThat(refused("", "x-ratelimit-remaining-requests", "12", "x-ratelimit-reset-requests", "50s"))
                .isEqualTo(RateLimitSignal.unknown());
        assertThat(refused("", "x-ratelimit-reset", "50").pause()).contains(Duration.ofSeconds(50));
    }

    @Test
    void onlyA429AsksForAPause() {
        assertThat(reader.read(503, headers("retry-after", "5"), NO_BODY)).isSameAs(RateLimitSignal.NONE);
        assertThat(reader.read(200, headers("retry-after", "5"), NO_BODY)).isSameAs(RateLimitSignal.NONE);
    }

    // Which limit.

    @Test
    void aBare429SaysNothing() {
        assertThat(refused("")).isSameAs(RateLimitSignal.unknown());
        assertThat(refused("Too Many Requests")).isSameAs(RateLimitSignal.unknown());
        assertThat(refused("{\"status\":429,\"title\":\"Too Many Requests\"}")).isSameAs(RateLimitSignal.unknown());
        assertThat(refused("<html><body><h1>429 Too Many Requests</h1>nginx</body></html>"))
                .isSameAs(RateLimitSignal.unknown());
        assertThat(refused("", "retry-after", "999999999").kind()).isEqualTo(Kind.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            REQUEST_RATE | requests | rate_limit_exceeded | Rate limit reached for m in organization org-rpd on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.
            REQUEST_RATE | x | rpm_rate_limit_exceeded | Rate limit reached
            REQUEST_RATE | x | 429 | Requests have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 6 seconds.
            REQUEST_RATE | rate_limit_error | x | This request would exceed your rate limit of 50 requests per minute
            REQUEST_RATE | requests | rate_limit_exceeded | Slow down
            REQUEST_RATE | x | 429 | Rate limit exceeded: free-models-per-min.
            TOKEN_RATE | tokens | rate_limit_exceeded | Rate limit reached for m on tokens per min (TPM): Limit 6000, Used 5500, Requested 1200. Please try again in 7.5s.
            TOKEN_RATE | x | 429 | Requests have exceeded token rate limit of your current OpenAI S0 pricing tier.
            TOKEN_RATE | rate_limit_error | x | This request would exceed the rate limit of 20,000 input tokens per minute.
            QUOTA_SPENT | insufficient_quota | insufficient_quota | You exceeded your current quota, please check your plan and billing details.
            QUOTA_SPENT | x | billing_hard_limit_reached | Billing hard limit has been reached
            QUOTA_SPENT | requests | rate_limit_exceeded | on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 11m12s.
            REQUEST_RATE | requests | rate_limit_exceeded | on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s.
            QUOTA_SPENT | tokens | rate_limit_exceeded | on tokens per day (TPD): Limit 100000. Please try again in 1h3m.
            TOKEN_RATE | tokens | rate_limit_exceeded | on tokens per day (TPD): Limit 100000. Please try again in 13.2s.
            WORKER_CAP | rate_limit_error | x | ResourceExhausted: Worker local total request limit reached (32/32)
            UNKNOWN | rate_limit_error | rate_limit_exceeded | Number of requests has exceeded your rate limit. torpm unrpmed
            """)
    void theBodyTellsWhichLimitItIs(Kind expected, String type, String code, String message) {
        String error = "{\"message\":\"" + message + "\",\"type\":\"" + type + "\",\"param\":null,\"code\":\"" + code
                + "\"}";
        assertThat(refused("{\"error\":" + error + "}").kind()).isEqualTo(expected);
        assertThat(refused("\n {\"type\":\"error\",\"error\":{\"type\":\"" + code + "\",\"message\":\"" + type + ": "
                + message + "\"}}").kind()).isIn(expected, Kind.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "{\"status\":429,\"title\":\"Too Many Requests\",\"detail\":\"%s\"}",
            "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"%s\"}}", "{\"error\":\"%s\"}",
            "data: {\"error\":{\"message\":\"%s\"}}", "{\"error\":{\"message\":\"%s", "{\"x\":{{{\"%s"})
    void aFullWorkerIsToldInEveryShape(String shape) {
        String words = "ResourceExhausted: Worker local total request limit reached (32/32)";
        assertThat(refused(shape.formatted(words)).kind()).isEqualTo(Kind.WORKER_CAP);
        assertThat(refused(shape.formatted("ResourceExhausted")).kind()).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void whatTheClientWroteIsNotTakenForTheProvidersWords() {
        assertThat(refused("{\"error\":{\"message\":\"No\"},\"prompt\":\"insufficient_quota requests per min\"}"))
                .isSameAs(RateLimitSignal.unknown());
    }

    @ParameterizedTest
    @CsvSource({"Please try again in 7m12s. Visit, 432000", "Please retry after 6 seconds., 6000",
            "Please retry in 37.9s., 37900", "Try again in 120ms, 120", "try again in 1 minute, 60000",
            "try again in 2h, 600000"})
    void theSentenceInTheBodySaysHowLongToWait(String sentence, long millis) {
        assertThat(refused("{\"error\":{\"message\":\"" + sentence + "\"}}").pause())
                .contains(Duration.ofMillis(millis));
    }

    @Test
    void aSentenceWithoutATimeAsksForNothing() {
        assertThat(refused("Please try again in a moment, or retry after . or retry in 5 parsecs").pause()).isEmpty();
    }

    @Test
    void aRequestLimitPerDayThatComesBackLateIsASpentQuotaWhoeverSaysSo() {
        String[] groq = {"x-ratelimit-limit-requests", "14400", "x-ratelimit-remaining-requests", "0",
                "x-ratelimit-reset-requests", "24h0m0s"};
        assertThat(refused("", groq).kind()).isEqualTo(Kind.QUOTA_SPENT);
        var soon = refused("", "retry-after", "6", groq[0], groq[1], groq[2], groq[3], groq[4], groq[5]);
        assertThat(soon.kind()).isEqualTo(Kind.REQUEST_RATE);
        assertThat(soon.pause()).contains(Duration.ofSeconds(6));
        String openRouter = "{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-day\",\"code\":429}}";
        var midnight = Long.toString(NOW.plus(Duration.ofHours(9)).toEpochMilli());
        assertThat(refused(openRouter, "x-ratelimit-limit", "50", "x-ratelimit-remaining", "0", "x-ratelimit-reset",
                midnight).kind()).isEqualTo(Kind.QUOTA_SPENT);
        assertThat(refused(openRouter).kind()).isEqualTo(Kind.REQUEST_RATE);
    }

    @Test
    void anAbsurdRetryAfterDoesNotMakeAMinutesLimitASpentQuota() {
        var signal = refused("", "retry-after", "999999999", "x-ratelimit-remaining", "0", "x-ratelimit-reset", "30");
        assertThat(signal.kind()).isEqualTo(Kind.REQUEST_RATE);
        assertThat(signal.pause()).contains(Duration.ofMinutes(10));
    }

    @Test
    void withoutWordsTheFieldsTellWhatIsUsedUp() {
        assertThat(refused("", "x-ratelimit-remaining-requests", "0").kind()).isEqualTo(Kind.REQUEST_RATE);
        assertThat(refused("", "anthropic-ratelimit-requests-remaining", "0").kind()).isEqualTo(Kind.REQUEST_RATE);
        assertThat(refused("", "ratelimit", "\"burst\";r=5;t=3, \"minute\";r=0;t=30"))
                .isEqualTo(new RateLimitSignal(Kind.REQUEST_RATE, Optional.of(Duration.ofSeconds(30)),
                        RateLimitSignal.NONE.limitPerMinute(), RateLimitSignal.NONE.remaining(),
                        RateLimitSignal.NONE.reset()));
        assertThat(refused("", "ratelimit", "limit=100, remaining=0, reset=5").pause())
                .contains(Duration.ofSeconds(5));
        assertThat(refused("", "ratelimit-policy", "\"b\";q=65535;qu=\"content-bytes\"", "ratelimit", "\"b\";r=0;t=3")
                .kind()).isEqualTo(Kind.UNKNOWN);
        for (String name : List.of("x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining",
                "anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-output-tokens-remaining")) {
            assertThat(refused("", name, "0").kind()).as(name).isEqualTo(Kind.TOKEN_RATE);
        }
        assertThat(refused("", "x-ratelimit-remaining-tokens", "-1").kind()).isEqualTo(Kind.UNKNOWN);
    }

    // Bodies as they come.

    @Test
    void aCompressedBodyIsReadAlsoWhenItIsCut() throws IOException {
        byte[] body = zipped("{\"error\":{\"code\":\"insufficient_quota\",\"x\":\"" + noise(30_000) + "\"}}");
        assertThat(body.length).isGreaterThan(RefusalBody.MOST_BYTES);
        var lookup = headers("content-encoding", "gzip");
        assertThat(reader.read(429, lookup, body).kind()).isEqualTo(Kind.QUOTA_SPENT);
        assertThat(reader.read(429, lookup, Arrays.copyOf(body, 4000)).kind()).isEqualTo(Kind.QUOTA_SPENT);
        assertThat(reader.read(429, headers(), body).kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(reader.read(429, lookup, "insufficient_quota".getBytes(StandardCharsets.UTF_8)).kind())
                .isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void aBodyThatInflatesWithoutEndIsReadUpToTheLimit() throws IOException {
        byte[] body = zipped(" ".repeat(RefusalBody.MOST_INFLATED) + "insufficient_quota");
        assertThat(body.length).isLessThan(RefusalBody.MOST_BYTES);
        assertThat(reader.read(429, headers("content-encoding", "gzip"), body).kind()).isEqualTo(Kind.UNKNOWN);
        byte[] within = zipped(" ".repeat(RefusalBody.MOST_INFLATED - 18) + "insufficient_quota");
        assertThat(reader.read(429, headers("content-encoding", "GZIP"), within).kind()).isEqualTo(Kind.QUOTA_SPENT);
    }

    @Test
    void nothingBeyondTheFirstBytesIsRead() {
        assertThat(refused(" ".repeat(RefusalBody.MOST_BYTES) + "insufficient_quota").kind()).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void malformedUtf8AroundTheWordsDoesNotHideThem() {
        byte[] body = "{\"error\":{\"message\":\"\0\0 \",\"code\":\"insufficient_quota\"}}"
                .getBytes(StandardCharsets.ISO_8859_1);
        body[21] = (byte) 0xff;
        body[22] = (byte) 0xc3;
        assertThat(reader.read(429, headers(), body).kind()).isEqualTo(Kind.QUOTA_SPENT);
    }

    // What is left of a minute.

    @ParameterizedTest
    @CsvSource({
            // OpenAI: the bucket lacks used / limit of a minute.
            "5000, 4999, 12ms, true", "60, 59, 1s, true", "500, 499, 120ms, true", "3, 2, 20s, true",
            "30000, 29999, 2ms, true", "40, 0, 1m0s, true", "40, 13, 40.1s, true", "500, 498, 139ms, true",
            // Groq and OpenAI: a limit per day under the same name.
            "14400, 14370, 2m59.56s, false", "200, 199, 7m12s, false", "1000, 0, 24h0m0s, false",
            // A limit per hour, per ten seconds, per second.
            "600, 599, 6s, false", "50, 45, 1s, false", "10, 5, 500ms, false",
            // Azure: whole seconds hide too much of a small use, not of a large one.
            "300, 299, 0, false", "300, 50, 10, false", "60, 59, 1, false", "60, 30, 30, true",
            // A fixed window, whose reset has nothing to do with the use.
            "40, 39, 55s, false", "40, 10, 12s, false",
            // Nothing used, nothing known.
            "40, 40, 0s, false", "40, 41, 1s, false", "-1, -1, 0, false", "0, 0, 60s, false", "40, 13, , false"})
    void aBucketIsPerMinuteOnlyIfItRefillsInAMinute(String limit, String remaining, String reset, boolean minute) {
        var signal = accepted("x-ratelimit-limit-requests", limit, "x-ratelimit-remaining-requests", remaining,
                "x-ratelimit-reset-requests", reset == null ? "" : reset);
        if (minute) {
            assertThat(signal.kind()).isEqualTo(Kind.NONE);
            assertThat(signal.limitPerMinute()).hasValue(Integer.parseInt(limit));
            assertThat(signal.remaining()).hasValue(Integer.parseInt(remaining));
            assertThat(signal.reset()).isPresent();
        } else {
            assertThat(signal).isSameAs(RateLimitSignal.NONE);
        }
    }

    @Property(tries = 5_000)
    void theWindowOfAnyBucketIsToldFromOthersOrNotAtAll(@ForAll("limits") int limit, @ForAll("windows") int window,
            @ForAll("shares") double share) {
        double used = Math.min(limit, Math.max(1, share * limit));
        int remaining = (int) Math.floor(limit - used);
        String reset = Math.round(used / limit * window * 1000) + "ms";
        var signal = accepted("x-ratelimit-limit-requests", Integer.toString(limit),
                "x-ratelimit-remaining-requests", Integer.toString(remaining), "x-ratelimit-reset-requests", reset);
        if (window != 60) {
            assertThat(signal).isSameAs(RateLimitSignal.NONE);
        } else if (limit <= 10_000) {
            assertThat(signal.limitPerMinute()).hasValue(limit);
        }
    }

    @Provide
    Arbitrary<Integer> limits() {
        return Arbitraries.integers().between(2, 30_000);
    }

    @Provide
    Arbitrary<Integer> windows() {
        return Arbitraries.of(1, 10, 60, 3600, 86_400);
    }

    @Provide
    Arbitrary<Double> shares() {
        return Arbitraries.doubles().between(0, 1);
    }

    @Test
    void anthropicsResetIsATime() {
        var signal = accepted("anthropic-ratelimit-requests-limit", "50", "anthropic-ratelimit-requests-remaining",
                "20", "anthropic-ratelimit-requests-reset", "1994-11-06T08:49:43Z");
        assertThat(signal.limitPerMinute()).hasValue(50);
        assertThat(signal.remaining()).hasValue(20);
        assertThat(signal.reset()).contains(Duration.ofSeconds(36));
        assertThat(accepted("anthropic-ratelimit-requests-limit", "50", "anthropic-ratelimit-requests-remaining", "49",
                "anthropic-ratelimit-requests-reset", "1994-11-06T08:49:08Z")).isSameAs(RateLimitSignal.NONE);
    }

    @Test
    void theDraftsSayTheWindow() {
        List<HeaderLookup> forms = List.of(
                headers("ratelimit-policy", "\"burst\";q=10;w=1, \"default\";q=100;w=60;qu=\"requests\"", "ratelimit",
                        "\"burst\";r=9;t=1,\"default\" ; r=50; t=30"),
                headers("ratelimit-policy", "100;w=60, 5000;w=86400", "ratelimit",
                        "limit=100, remaining=50, reset=30"),
                headers("ratelimit-policy", "100;w=60", "ratelimit-limit", "100", "ratelimit-remaining", "50",
                        "ratelimit-reset", "30"),
                headers("ratelimit-limit", "100, 100;w=60;burst=7, 5000;w=86400", "ratelimit-remaining", "50",
                        "ratelimit-reset", "30"),
                headers("x-ratelimit-limit", "100, 100;w=60;name=\"a, b; w=1\"", "x-ratelimit-remaining", "50",
                        "x-ratelimit-reset", "30"));
        for (HeaderLookup form : forms) {
            var signal = reader.readAccepted(form);
            assertThat(signal.limitPerMinute()).hasValue(100);
            assertThat(signal.remaining()).hasValue(50);
            assertThat(signal.reset()).contains(Duration.ofSeconds(30));
        }
    }

    @Test
    void whatIsLeftOfAnotherWindowIsNotWhatIsLeftOfTheMinute() {
        List<HeaderLookup> forms = List.of(
                headers("ratelimit-policy", "\"default\";q=100;w=60", "ratelimit", "\"daily\";r=50;t=30"),
                headers("ratelimit-policy", "100;w=60, 5000;w=86400", "ratelimit",
                        "limit=5000, remaining=50, reset=30"),
                headers("ratelimit-limit", "5000, 100;w=60, 5000;w=86400", "ratelimit-remaining", "50",
                        "ratelimit-reset", "30"));
        for (HeaderLookup form : forms) {
            var signal = reader.readAccepted(form);
            assertThat(signal.limitPerMinute()).hasValue(100);
            assertThat(signal.remaining()).isEmpty();
            assertThat(signal.reset()).isEmpty();
        }
    }

    @Test
    void aWindowThatIsNotSaidIsNotGuessed() {
        assertThat(accepted("x-ratelimit-limit", "60", "x-ratelimit-remaining", "30", "x-ratelimit-reset", "30"))
                .isSameAs(RateLimitSignal.NONE);
        assertThat(accepted("ratelimit-limit", "60", "ratelimit-remaining", "30", "ratelimit-reset", "30"))
                .isSameAs(RateLimitSignal.NONE);
        assertThat(accepted("ratelimit", "\"default\";r=50;t=30")).isSameAs(RateLimitSignal.NONE);
        assertThat(accepted("ratelimit-policy", "\"default\";q=100;w=3600", "ratelimit", "\"default\";r=50;t=30"))
                .isSameAs(RateLimitSignal.NONE);
        assertThat(accepted("ratelimit-policy", "\"c\";q=8;w=60;qu=\"concurrent-requests\""))
                .isSameAs(RateLimitSignal.NONE);
    }

    @Test
    void aRefusalAlsoSaysWhatIsLeft() {
        var signal = refused("", "x-ratelimit-limit-requests", "40", "x-ratelimit-remaining-requests", "0",
                "x-ratelimit-reset-requests", "59.5s", "retry-after-ms", "1500");
        assertThat(signal.kind()).isEqualTo(Kind.REQUEST_RATE);
        assertThat(signal.limitPerMinute()).hasValue(40);
        assertThat(signal.remaining()).hasValue(0);
        assertThat(signal.pause()).contains(Duration.ofMillis(1500));
    }

    @Test
    void anAnswerWithoutSuchFieldsCostsAHandfulOfLookUps() {
        var asked = new ArrayList<String>();
        HeaderLookup counting = name -> {
            asked.add(name);
            return null;
        };
        assertThat(reader.readAccepted(counting)).isSameAs(RateLimitSignal.NONE);
        assertThat(asked).hasSizeLessThanOrEqualTo(7).allMatch(name -> name.equals(name.toLowerCase(Locale.ROOT)));
    }

    // Whatever a provider sends.

    @Property(tries = 5_000)
    void nothingThatAProviderSendsThrows(@ForAll("fields") Map<String, String> fields, @ForAll("bodies") String body,
            @ForAll long seed) {
        var random = new Random(seed);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        var signal = reader.read(429, fields::get, bytes);
        assertThat(signal.kind()).isNotEqualTo(Kind.NONE);
        assertThat(reader.read(200, fields::get, bytes).kind()).isEqualTo(Kind.NONE);
    }

    @Provide
    Arbitrary<Map<String, String>> fields() {
        var names = Arbitraries.of("retry-after", "retry-after-ms", "x-ms-retry-after-ms", "content-encoding",
                "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
                "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "anthropic-ratelimit-requests-limit",
                "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset", "x-ratelimit-limit",
                "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit", "ratelimit-policy", "ratelimit-limit",
                "ratelimit-remaining", "ratelimit-reset");
        return Arbitraries.maps(names, Arbitraries.oneOf(pieces(), Arbitraries.strings().ofMaxLength(20)))
                .ofMaxSize(10);
    }

    private static Arbitrary<String> pieces() {
        return Arbitraries.of("0", "1", "40", "59", "60", "9223372036854775807", "99999999999999999999", ".", "-", ":",
                "s", "ms", "m", "h", "d", " ", "T", "Z", "+01:00", "1994-11-06T08:49:37", "+999999999-12-31T23:59:59Z",
                "-999999999-01-01T00:00:00Z", "Sun, 06 Nov 1994 08:49:37 GMT", ",", ";", "w=60", "q=", "r=0", "t=",
                "\"default\"", "\"", "\\", "limit=", "remaining=", "reset=", "gzip", "784111777000",
                "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994").list().ofMaxSize(7)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<String> bodies() {
        return Arbitraries.oneOf(Arbitraries.strings().ofMaxLength(50), Arbitraries.of("{", "}", "[", "]", ":", ",",
                "\"error\"", "\"message\"", "\"type\"", "\"code\"", "\"try again in ", "99999999999h", "1s\"",
                "\"rpm\"",
                "null", "1e999999", "\\", "\"\\ud800\"", "{\"error\":").list().ofMaxSize(12)
                .map(parts -> String.join("", parts)));
    }

    private static byte[] zipped(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String noise(int length) {
        var random = new Random(1);
        var text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }
}
