package dev.sidecar.providers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.config.Secret;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When which provider is asked for its models. */
@Timeout(30)
class ModelListCacheTest {

    private static final Providers ONE = new Providers(List.of(ProviderOf.everything("one")));
    private static final Providers TWO = new Providers(List.of(ProviderOf.everything("one"),
            ProviderOf.everything("two")));

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - Duration.ofMinutes(1).toNanos());
    private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
    /** The answer of each provider: what it lists, or what fails. */
    private final Map<String, Callable<String>> answers = new ConcurrentHashMap<>();
    private final ModelListCache cache = new ModelListCache(this::fetch, now::get);

    @Test
    void aListIsFreshForAMinute() throws Exception {
        lists("one", "a");
        assertThat(names(ONE)).containsExactly("a");
        lists("one", "b");
        pass(Duration.ofSeconds(60).minusNanos(1));
        assertThat(names(ONE)).containsExactly("a");
        assertThat(calls("one")).isEqualTo(1);
        pass(Duration.ofNanos(1));
        assertThat(names(ONE)).containsExactly("b");
        assertThat(calls("one")).isEqualTo(2);
    }

    @Test
    void aProviderThatFailsKeepsItsListForAnHourAndIsAskedAgainAfterTenSeconds() throws Exception {
        lists("one", "a");
        lists("two", "b");
        names(TWO);
        fails("two", new ConnectException("refused"));
        pass(Duration.ofMinutes(1));
        assertThat(names(TWO)).containsExactly("a", "b");
        assertThat(calls("two")).isEqualTo(2);
        pass(Duration.ofSeconds(10).minusNanos(1));
        names(TWO);
        assertThat(calls("two")).isEqualTo(2);
        pass(Duration.ofNanos(1));
        names(TWO);
        assertThat(calls("two")).isEqualTo(3);
        assertThat(calls("one")).isEqualTo(2);

        pass(Duration.ofMinutes(59).minusSeconds(10).minusNanos(1));
        assertThat(names(TWO)).containsExactly("a", "b");
        pass(Duration.ofNanos(1));
        assertThat(names(TWO)).containsExactly("a");
        lists("two", "c");
        pass(Duration.ofSeconds(10));
        assertThat(names(TWO)).containsExactly("a", "c");
    }

    @Test
    void whatIsNoListIsAFailureLikeAnyOther() throws Exception {
        lists("one", "a");
        names(ONE);
        answers.put("one", () -> "<html>");
        pass(Duration.ofMinutes(1));
        assertThat(names(ONE)).containsExactly("a");
        answers.put("one", () -> {
            throw new IllegalStateException("a bug");
        });
        pass(Duration.ofSeconds(10));
        assertThat(names(ONE)).containsExactly("a");
        assertThat(calls("one")).isEqualTo(3);
    }

    @Test
    void withoutAnyListTheFirstProvidersFailureIsTheResult() {
        fails("one", new ModelListRefusedException(401));
        fails("two", new ConnectException("refused"));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> names(TWO)).isInstanceOfSatisfying(ModelListRefusedException.class,
                    refused -> assertThat(refused.status()).isEqualTo(401));
        }
        assertThat(calls("one")).as("it rests after a failure").isEqualTo(1);
    }

    @Test
    void oneListIsEnough() throws Exception {
        fails("one", new ConnectException("refused"));
        lists("two", "b");
        assertThat(names(TWO)).containsExactly("b");
    }

    @Test
    void callersWaitForTheCallThatIsUnderWay() throws Exception {
        var begun = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        answers.put("one", () -> {
            begun.countDown();
            mayEnd.await();
            return list("a");
        });
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<String>>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                all.add(callers.submit(() -> names(ONE)));
            }
            begun.await();
            assertThat(all).noneMatch(Future::isDone);
            mayEnd.countDown();
            for (var each : all) {
                assertThat(each.get()).containsExactly("a");
            }
        }
        assertThat(calls("one")).isEqualTo(1);
    }

    @Test
    void allProvidersAreAskedAtTheSameTime() throws Exception {
        var bothUnderWay = new CyclicBarrier(2);
        for (var name : List.of("one", "two")) {
            answers.put(name, () -> {
                bothUnderWay.await(10, TimeUnit.SECONDS);
                return list(name);
            });
        }
        assertThat(names(TWO)).containsExactly("one", "two");
    }

    @Test
    void anotherKeyOrMapIsNoReasonToAskAgainAndAnotherAddressIs() throws Exception {
        lists("one", "a");
        names(ONE);
        var before = ONE.first();
        var changed = new Provider("one", before.address(), AuthForm.API_KEY,
                List.of(new ProviderKey("new", new Secret("new"), "new")), before.accounts(),
                ModelMap.of(Map.of("x", "a")), before.fallbackAfter());
        assertThat(names(new Providers(List.of(changed)))).containsExactly("x");
        assertThat(calls("one")).isEqualTo(1);
        lists("one", "b");
        var moved = ProviderOf.with("one", "https://elsewhere.example", AuthForm.BEARER, ModelMap.EVERYTHING);
        assertThat(names(new Providers(List.of(moved)))).containsExactly("b");
        assertThat(names(ONE)).as("what was left behind is forgotten").containsExactly("b");
        assertThat(calls("one")).isEqualTo(3);
    }

    @Test
    void eachClientSeesItsOwnPart() throws Exception {
        lists("one", "a", "b");
        assertThat(cache.list(ONE, "a"::equals).get("data").findValuesAsText("id")).containsExactly("a");
        assertThat(cache.list(ONE, "b"::equals).get("data").findValuesAsText("id")).containsExactly("b");
        assertThat(calls("one")).isEqualTo(1);
    }

    private byte[] fetch(Provider provider) throws IOException {
        calls.computeIfAbsent(provider.name(), _ -> new AtomicInteger()).incrementAndGet();
        try {
            return Objects.requireNonNull(answers.get(provider.name())).call().getBytes(UTF_8);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void lists(String provider, String... models) {
        answers.put(provider, () -> list(models));
    }

    private void fails(String provider, IOException failure) {
        answers.put(provider, () -> {
            throw failure;
        });
    }

    private static String list(String... models) {
        return "{\"data\":[{\"id\":\"" + String.join("\"},{\"id\":\"", models) + "\"}]}";
    }

    private int calls(String provider) {
        return Objects.requireNonNull(calls.get(provider)).get();
    }

    private List<String> names(Providers providers) throws IOException, InterruptedException {
        return cache.list(providers, _ -> true).get("data").findValuesAsText("id");
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
