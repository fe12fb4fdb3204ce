package dev.sidecar.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.RetreatState;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.CappedModel;
import dev.sidecar.throttle.quota.ClientQuota;
import dev.sidecar.throttle.quota.RequestLimit;
import dev.sidecar.throttle.quota.TokenLimit;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes one after the other on one folder, each ended as if it were killed. */
class StateFolderTest {

    private static final long SECOND = 1_000_000_000L;
    private static final int LIMIT = 5;
    private static final Optional<BootId> BOOT = Optional.of(new BootId(new UUID(1, 2)));
    private static final Optional<BootId> NEXT_BOOT = Optional.of(new BootId(new UUID(3, 4)));
    private static final InstantSource WALL_CLOCK = InstantSource.fixed(Instant.EPOCH);

    @TempDir
    Path temp;

    private final MovedClock clock = new MovedClock();

    /** Goes back too, as after another boot. */
    private static final class MovedClock implements NanoClock {

        private long now;

        @Override
        public long nanoTime() {
            return now;
        }

        void advance(long nanos) {
            now += nanos;
        }
    }

    /** A process with the folder. */
    private final class Life {

        final StateFolder state;
        final Throttle<String> throttle;

        Life(Path folder, Optional<BootId> boot) {
            state = StateFolder.open(folder, clock, WALL_CLOCK, boot);
            var settings = new ThrottleSettings(LIMIT, LIMIT, Pacing.WINDOW, 100, Duration.ofDays(1),
                    Duration.ofDays(1), false);
            throttle = new Throttle<>(settings, List.of(LaneSettings.of(settings.budget())), state.ledger(), clock);
            state.takeOver(throttle);
        }

        Life() {
            this(folder(), BOOT);
        }

        Slot slot() {
            return ((Verdict.Granted) departure((String) null).verdict()).slot();
        }

        Departure<String> departure(@Nullable String model) {
            return departure(throttle.admit(Priority.NORMAL, null, model));
        }

        Departure<String> departure(ClientPolicy client) {
            return departure(throttle.admit(Priority.NORMAL, null, null, client));
        }

        private Departure<String> departure(Admission<String> admission) {
            throttle.enqueue(((Admission.Queued<String>) admission).ticket(), "p");
            clock.advance(SECOND);
            return ((Next.Depart<String>) throttle.next()).departure();
        }

        /** What a client has used of each of its limits. */
        List<Long> used(ClientPolicy client) {
            return throttle.snapshot().clients().stream().filter(each -> each.name().equals(client.name()))
                    .flatMap(each -> each.limits().stream()).map(ClientQuota.Use::used).toList();
        }

        void send(int count) {
            for (int i = 0; i < count; i++) {
                slot().sent();
            }
        }

        int used() {
            return throttle.snapshot().minute().used();
        }

        /** The kernel takes back the lock. */
        void isKilled() {
            state.unlock();
        }
    }

    private Path folder() {
        return temp.resolve("made/by/it");
    }

    private Life next(Life before) {
        before.isKilled();
        return new Life();
    }

    private Path ring() throws Exception {
        try (var files = Files.list(folder())) {
            return files.filter(each -> each.toString().endsWith(".ring")).findFirst().orElseThrow();
        }
    }

    @Test
    void whatWasSentCountsUntilItsMinuteIsOver() {
        var first = new Life();
        assertThat(first.used()).isZero();
        first.send(3);
        clock.advance(10 * SECOND);
        var second = next(first);
        assertThat(second.used()).isEqualTo(3);
        second.send(1);
        var third = next(second);
        assertThat(third.used()).isEqualTo(4);
        clock.advance(48 * SECOND);
        assertThat(next(third).used()).isEqualTo(3);
        clock.advance(13 * SECOND + 600_000_000);
        assertThat(third.used()).isZero();
    }

    @Test
    void aSlotInHandCountsAsSentByTheNextStart() {
        var first = new Life();
        first.slot();
        first.slot().giveBack();
        var second = next(first);
        assertThat(second.used()).isEqualTo(1);
        clock.advance(66 * SECOND + 599_999_999); // another replica may have had it for some seconds
        assertThat(second.used()).isEqualTo(1);
        var third = next(second);
        assertThat(third.used()).isEqualTo(1);
        clock.advance(1);
        assertThat(next(third).used()).isZero();
    }

    @Test
    void anotherBootCountsAFullWindowOnce() {
        var first = new Life();
        first.send(1);
        first.isKilled();
        var second = new Life(folder(), NEXT_BOOT);
        assertThat(second.used()).isEqualTo(LIMIT);
        second.isKilled();
        clock.advance(30 * SECOND);
        var third = new Life(folder(), NEXT_BOOT);
        assertThat(third.used()).isEqualTo(LIMIT);
        clock.advance(30 * SECOND + 600_000_000);
        assertThat(third.used()).as("counted once, from the first start").isZero();
        third.isKilled();
        assertThat(new Life(folder(), NEXT_BOOT).used()).isZero();
    }

    @Test
    void whereTheSystemDoesNotSayItIsAnotherBoot() {
        var first = new Life(folder(), Optional.empty());
        assertThat(first.used()).isZero();
        first.isKilled();
        assertThat(new Life(folder(), Optional.empty()).used()).isEqualTo(LIMIT);
    }

    @Test
    void aDamagedFileCountsAFullWindow() throws Exception {
        var first = new Life();
        try (var file = new RandomAccessFile(ring().toFile(), "rw")) {
            file.seek(40);
            file.writeLong(0);
        }
        assertThat(next(first).used()).isEqualTo(LIMIT);
    }

    @Test
    void aFileThatIsTooShortCountsAFullWindow() throws Exception {
        var first = new Life();
        first.isKilled();
        var file = ring();
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
        assertThat(new Life().used()).isEqualTo(LIMIT);
    }

    @Test
    void aSendOfTheFutureCountsAFullWindow() {
        clock.advance(200 * SECOND);
        var first = new Life();
        first.send(1);
        clock.advance(-100 * SECOND);
        assertThat(next(first).used()).isEqualTo(LIMIT);
    }

    @Test
    void aTornRecordCountsAsSentNow() throws Exception {
        var first = new Life();
        first.send(1);
        try (var file = new RandomAccessFile(ring().toFile(), "rw")) {
            file.seek(64 + 5 * SendRecord.LENGTH);
            file.writeLong(7);
        }
        var second = next(first);
        assertThat(second.used()).isEqualTo(2);
        assertThat(next(second).used()).isEqualTo(2);
    }

    @Test
    void aSecondProcessIsTold() {
        new Life();
        assertThatThrownBy(Life::new).isInstanceOf(FolderInUseException.class)
                .hasMessage("another process uses the folder " + folder()
                        + ": each sidecar needs a folder of its own");
    }

    @Test
    void aFolderThatCannotBeWrittenStopsNobodyAndTheNextStartCountsAFullWindow() throws Exception {
        Files.createDirectories(folder());
        // A folder in the place of the file: nobody can open it.
        Files.createDirectory(folder().resolve("sends-1.ring.new"));
        var first = new Life();
        assertThat(first.state.report().isWritten()).isFalse();
        assertThat(first.state.report().since()).isEqualTo(Instant.EPOCH);
        first.send(1);
        Files.delete(folder().resolve("sends-1.ring.new"));
        var second = next(first);
        assertThat(second.used()).isEqualTo(LIMIT);
        assertThat(second.state.report()).isEqualTo(StateReport.WRITTEN);
        clock.advance(61 * SECOND);
        assertThat(next(second).used()).isZero();
    }

    @Test
    void whereNoFolderCanBeMadeTheSidecarGoesOn() throws Exception {
        var file = Files.createFile(temp.resolve("file"));
        var life = new Life(file.resolve("state"), BOOT);
        assertThat(life.state.report().isWritten()).isFalse();
        life.send(1);
        assertThat(life.used()).isEqualTo(1);
    }

    @Test
    void whatWasLearnedAndAPauseGoOnAfterARestart() {
        var first = new Life();
        var slots = IntStream.range(0, LIMIT).mapToObj(_ -> first.slot()).toList();
        slots.forEach(Slot::sent);
        slots.subList(1, LIMIT).forEach(Slot::refused);
        slots.getFirst().refused(new RateLimitSignal(RateLimitSignal.Kind.UNKNOWN, Optional.of(Duration.ofSeconds(40)),
                OptionalInt.of(3), OptionalInt.of(0), Optional.empty()));
        first.state.write();
        var before = first.throttle.snapshot().retreat();
        assertThat(before.state()).isEqualTo(RetreatState.RETREAT);
        clock.advance(5 * SECOND);
        var after = next(first).throttle.snapshot().retreat();
        assertThat(after.effectiveRpm()).isEqualTo(before.effectiveRpm());
        assertThat(after.statedRpm()).hasValue(3);
        assertThat(after.evidence()).isPresent();
        assertThat(after.paused()).isEqualTo(before.paused().minusSeconds(5)).isPositive();
    }

    @Test
    void afterAnotherBootNothingLearnedHasBecomeOlder() {
        var first = new Life();
        first.slot().refused(new RateLimitSignal(RateLimitSignal.Kind.UNKNOWN, Optional.of(Duration.ofSeconds(40)),
                OptionalInt.empty(), OptionalInt.empty(), Optional.empty()));
        first.state.close();
        clock.advance(1_000 * SECOND);
        assertThat(new Life(folder(), NEXT_BOOT).throttle.snapshot().retreat().paused())
                .isEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void theCapOfAModelGoesOnAfterARestart() {
        var first = new Life();
        var tickets = IntStream.range(0, 3).mapToObj(_ -> first.departure("m").ticket()).toList();
        first.throttle.workerCapReached(tickets.getFirst());
        first.state.write();
        assertThat(first.throttle.snapshot().cappedModels()).hasSize(1);
        assertThat(next(first).throttle.snapshot().cappedModels())
                .containsExactly(new CappedModel("m", 2, 0, 0));
    }

    @Test
    void whatAClientHasUsedOfItsOwnLimitsStaysUsed() {
        var limited = new ClientPolicy("ci", 1, List.of(new RequestLimit(10, Duration.ofHours(1))),
                List.of(new TokenLimit(1_000, Duration.ofDays(1))), 0, 0);
        var first = new Life();
        first.throttle.clients(List.of(limited));
        first.throttle.spent(first.departure(limited).ticket(), 300);
        clock.advance(60 * SECOND);
        first.departure(limited);
        first.state.write();
        var second = next(first);
        second.throttle.clients(List.of(limited));
        assertThat(second.used(limited)).containsExactly(2L, 300L);
        clock.advance(3_545 * SECOND);
        assertThat(second.used(limited)).containsExactly(1L, 300L);
        second.state.write();
        clock.advance(86_400 * SECOND);
        assertThat(second.used(limited)).containsExactly(0L, 0L);
    }

    @Test
    void somethingElseInThePlaceOfWhatWasLearnedIsLeftOut() throws Exception {
        var first = new Life();
        first.send(2);
        first.isKilled();
        for (String wrong : List.of("", "{}", "{\"version\":2}", "[1]", "{\"version\":1,\"at\":5}")) {
            Files.writeString(folder().resolve(LearnedFile.NAME), wrong);
            var second = new Life();
            assertThat(second.used()).as(wrong).isEqualTo(2);
            second.isKilled();
        }
    }

    @Test
    void whileNothingIsSentNothingIsWritten() throws Exception {
        var life = new Life();
        life.send(1);
        life.state.write();
        clock.advance(200 * SECOND);
        life.state.write();
        Files.delete(folder().resolve(LearnedFile.NAME));
        life.state.write();
        assertThat(folder().resolve(LearnedFile.NAME)).doesNotExist();
        life.send(1);
        life.state.write();
        assertThat(folder().resolve(LearnedFile.NAME)).exists();
    }

    @Test
    void aLimitThatRisesGetsItsRoom() throws Exception {
        var life = new Life();
        life.throttle.reconfigure(new ThrottleSettings(1_000_000, 1_000_000, Pacing.WINDOW, 100, Duration.ofDays(1),
                Duration.ofDays(1), false));
        life.state.write();
        life.send(2);
        assertThat(next(life).used()).isEqualTo(2);
    }

    @Test
    void aDiskThatIsFullForAWhileIsSaidUntilItIsWrittenAgain() throws Exception {
        var life = new Life();
        life.send(1);
        var inTheWay = Files.createDirectory(folder().resolve(LearnedFile.NAME + ".new"));
        life.state.write();
        assertThat(life.state.report().problem()).contains("learned.json.new");
        Files.delete(inTheWay);
        life.state.write();
        assertThat(life.state.report()).isEqualTo(StateReport.WRITTEN);
    }

    @Test
    void oneFileIsLeftAfterManyStarts() throws Exception {
        var life = new Life();
        for (int i = 0; i < 5; i++) {
            life = next(life);
        }
        try (var files = Files.list(folder())) {
            assertThat(files.map(each -> each.getFileName().toString()).filter(each -> each.startsWith("sends")))
                    .containsExactly("sends-6.ring");
        }
    }
}
