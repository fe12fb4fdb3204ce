package dev.sidecar.throttle.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/**
 * Over any life of a budget: it is taken out at any moment and restored, and the restored one never allows a send that the
 * original would not have allowed. After a window both agree.
 */
class BudgetStatePropertiesTest {

    private static final long MILLI = 1_000_000;

    /** What happens after so many milliseconds. */
    record Event(What what, int millis, int which) {
    }

    /** What may happen to a budget. */
    enum What {
        GRANT, GRANT_LOW, BYPASS, WRITE, SEND, ACCEPT, REFUSE, REFUSE_FOR_A_WHILE, STATE, GIVE_BACK, NOTHING
    }

    /** A budget and its open slots. */
    private static final class Life {
        final Budget budget;
        final List<BudgetSlot> slots = new ArrayList<>();

        Life(Budget budget) {
            this.budget = budget;
        }

        boolean allows(boolean low, int waiting, boolean spread, long now) {
            budget.at(now);
            return budget.window().delay(low, waiting, spread, now) <= 0;
        }

        void happens(Event event, long now) {
            budget.at(now);
            switch (event.what()) {
                case GRANT, GRANT_LOW -> {
                    boolean low = event.what() == What.GRANT_LOW;
                    if (allows(low, 1, false, now)) {
                        slots.add(budget.grant(low, 0, now));
                    }
                }
                case BYPASS -> {
                    if (budget.mayBypass(now)) {
                        slots.add(budget.bypass(false, now));
                    }
                }
                case NOTHING -> {
                    // only time passes
                }
                default -> {
                    if (!slots.isEmpty()) {
                        happens(event, slots.get(event.which() % slots.size()), now);
                    }
                }
            }
            slots.removeIf(BudgetSlot::isEnded);
        }

        private static void happens(Event event, BudgetSlot slot, long now) {
            switch (event.what()) {
                case WRITE -> slot.writing(now);
                case SEND -> slot.sent(now);
                case ACCEPT -> slot.succeeded(RateLimitSignal.NONE, now);
                case REFUSE -> slot.refused(RateLimitSignal.unknown(), now);
                case REFUSE_FOR_A_WHILE -> slot.refused(signal(Optional.of(Duration.ofSeconds(event.which())),
                        OptionalInt.empty()), now);
                case STATE -> slot.succeeded(signal(Optional.empty(), OptionalInt.of(1 + event.which())), now);
                default -> slot.giveBack();
            }
        }

        private static RateLimitSignal signal(Optional<Duration> pause, OptionalInt limit) {
            return new RateLimitSignal(Kind.UNKNOWN, pause, limit,
                    limit.isPresent() ? OptionalInt.of(0) : OptionalInt.empty(), Optional.empty());
        }
    }

    @Provide
    Arbitrary<List<Event>> lives() {
        var what = Arbitraries.of(What.GRANT, What.GRANT, What.GRANT, What.GRANT_LOW, What.BYPASS, What.WRITE,
                What.SEND,
                What.SEND, What.SEND, What.ACCEPT, What.ACCEPT, What.REFUSE, What.REFUSE_FOR_A_WHILE, What.STATE,
                What.GIVE_BACK, What.NOTHING);
        var millis = Arbitraries.frequencyOf(Tuple.of(6, Arbitraries.integers().between(0, 50)),
                Tuple.of(3, Arbitraries.integers().between(0, 2_000)),
                Tuple.of(1, Arbitraries.integers().between(0, 70_000)));
        return Combinators.combine(what, millis, Arbitraries.integers().between(0, 50)).as(Event::new).list()
                .ofMinSize(1).ofMaxSize(150);
    }

    @Property(tries = 2_000)
    void theRestoredBudgetNeverAllowsWhatTheOriginalWouldNot(@ForAll @IntRange(min = 1, max = 60) int limit,
            @ForAll @IntRange(min = 1, max = 60) int burst, @ForAll Pacing pacing, @ForAll long start,
            @ForAll("lives") List<Event> life, @ForAll("lives") List<Event> after) {
        var settings = new BudgetSettings(limit, burst, pacing);
        long now = start;
        var original = new Life(new Budget(settings, now));
        for (Event event : life) {
            now += event.millis() * MILLI;
            original.happens(event, now);
        }
        var restored = new Life(new Budget(settings, now));
        restored.budget.restore(original.budget.state(now), now);
        long taken = now;
        original.slots.forEach(each -> each.sent(taken)); // the latest moment at which they may have left
        assertThat(restored.budget.retreat(now)).usingRecursiveComparison()
                .ignoringFields("refusedShare").isEqualTo(original.budget.retreat(now));

        for (Event event : after) {
            now += event.millis() * MILLI;
            boolean low = event.what() == What.GRANT_LOW;
            boolean spread = event.which() % 2 == 0;
            int waiting = 1 + event.which() % 3;
            boolean allowed = original.allows(low, waiting, spread, now);
            if (restored.allows(low, waiting, spread, now)) {
                assertThat(allowed).as("%s after %d ms", event, (now - taken) / MILLI)
                        .isTrue();
                if (event.what() != What.NOTHING) {
                    restored.budget.grant(low, 0, now).sent(now);
                    original.budget.grant(low, 0, now).sent(now);
                }
            }
            assertThat(restored.budget.mayBypass(now) && !original.budget.mayBypass(now)).isFalse();
            assertThat(restored.budget.window().left(now)).isLessThanOrEqualTo(original.budget.window().left(now));
        }
        now += 130_000 * MILLI;
        assertAgree(restored.budget, original.budget, now);
    }

    private static void assertAgree(Budget restored, Budget original, long now) {
        restored.at(now);
        original.at(now);
        assertThat(restored.window().used(now)).isEqualTo(original.window().used(now)).isZero();
        assertThat(restored.window().rule()).isEqualTo(original.window().rule());
        assertThat(restored.window().pausedUntil() - now > 0).isEqualTo(original.window().pausedUntil() - now > 0);
        assertThat(restored.window().tokens(now)).isCloseTo(original.window().tokens(now), within(1e-6));
    }

    /** As a file would have it: a slot in hand, or the latest arrival of a request. */
    private static final class Book implements AccountLedger {

        final List<@Nullable Long> entries = new ArrayList<>();
        static final long IN_HAND = Long.MIN_VALUE + 1;

        @Override
        public void limit(int perMinute) {
            // always room
        }

        @Override
        public int granted(long now) {
            entries.add(IN_HAND);
            return entries.size() - 1;
        }

        @Override
        public void sent(int entry, long arrivesBy) {
            assertThat(entries.set(entry, arrivesBy)).isEqualTo(IN_HAND);
        }

        @Override
        public void givenBack(int entry) {
            assertThat(entries.set(entry, null)).isEqualTo(IN_HAND);
        }

        /** The youngest age last. */
        List<Duration> ages(long now) {
            return entries.stream().filter(Objects::nonNull)
                    .map(each -> each == IN_HAND ? BudgetState.SENT_NOW : Duration.ofNanos(now - each))
                    .filter(age -> age.toNanos() < BudgetRule.PERIOD).sorted(Comparator.reverseOrder()).toList();
        }
    }

    @Property(tries = 2_000)
    void aKilledProcessLeavesInItsLedgerAllThatMayCount(@ForAll @IntRange(min = 1, max = 60) int limit,
            @ForAll Pacing pacing, @ForAll("lives") List<Event> life) {
        var book = new Book();
        long now = 0;
        var original = new Life(new Budget(new BudgetSettings(limit, limit, pacing), book, now));
        for (Event event : life) {
            now += event.millis() * MILLI;
            original.happens(event, now);
        }
        var counted = original.budget.state(now).ages().stream()
                .filter(age -> age.compareTo(BudgetState.SENT_NOW) >= 0).toList();
        var written = book.ages(now);
        assertThat(written).hasSizeGreaterThanOrEqualTo(counted.size());
        for (int i = 1; i <= counted.size(); i++) { // the i-th youngest is no older
            assertThat(written.get(written.size() - i)).isLessThanOrEqualTo(counted.get(counted.size() - i));
        }
    }

    @Property(tries = 500)
    void anAgedStateIsTheStateOfThatTime(@ForAll @IntRange(min = 1, max = 60) int limit, @ForAll long start,
            @ForAll("lives") List<Event> life, @ForAll @IntRange(max = 130_000) int millis) {
        var settings = new BudgetSettings(limit, limit, Pacing.AUTO);
        long now = start;
        var original = new Life(new Budget(settings, now));
        for (Event event : life) {
            now += event.millis() * MILLI;
            original.happens(event, now);
        }
        long taken = now;
        original.slots.forEach(each -> each.sent(taken));
        var state = original.budget.state(now);
        assertThat(state.ages()).isSortedAccordingTo(Comparator.reverseOrder())
                .hasSize(original.budget.window().used(now));
        long later = now + millis * MILLI;
        assertThat(state.after(Duration.ofMillis(millis)).ages()).isEqualTo(original.budget.state(later).ages());
        assertThat(state.after(Duration.ofMillis(millis)).pausedFor())
                .isEqualTo(original.budget.state(later).pausedFor());
    }
}
