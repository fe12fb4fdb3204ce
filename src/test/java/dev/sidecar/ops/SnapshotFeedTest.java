package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.http.EventSink;
import dev.sidecar.ops.SnapshotFeed.Joined;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One snapshot a second for everybody, and none for nobody. */
class SnapshotFeedTest {

    private static final Buffer GREETING = Buffer.buffer("hello");

    private long nanos;
    private int snapshots;
    private final HandTicker ticker = new HandTicker();
    private final SnapshotFeed feed = new SnapshotFeed(() -> Buffer.buffer("snapshot " + ++snapshots), ticker,
            () -> nanos, 600);

    @Test
    void nothingIsComputedWhileNobodyLooks() {
        assertThat(ticker.task).isNull();
        pass(Duration.ofMinutes(5));
        assertThat(feed.computed()).isZero();
    }

    @Test
    void oneSnapshotASecondIsComputedForFiveHundredAsForOne() {
        var viewers = IntStream.range(0, 500).mapToObj(i -> join()).toList();
        assertThat(feed.computed()).isEqualTo(1);
        pass(Duration.ofSeconds(10));
        assertThat(feed.computed()).isEqualTo(11);
        assertThat(viewers).allSatisfy(viewer -> {
            assertThat(viewer.got).hasSize(12).startsWith(GREETING, Buffer.buffer("snapshot 1")).endsWith(
                    Buffer.buffer("snapshot 11"));
            assertThat(viewer.got.getLast()).isSameAs(viewers.getFirst().got.getLast());
        });
    }

    @Test
    void whoJoinsBetweenTwoSnapshotsGetsTheLatest() {
        join();
        pass(Duration.ofSeconds(3));
        nanos += 999_999_999;
        assertThat(join().got).containsExactly(GREETING, Buffer.buffer("snapshot 4"));
        assertThat(feed.computed()).isEqualTo(4);
    }

    @Test
    void whoJoinsWhenTheLatestIsOldGetsANewOne() {
        var first = join();
        feed.leave(first);
        nanos += Duration.ofSeconds(1).toNanos();
        assertThat(join().got).containsExactly(GREETING, Buffer.buffer("snapshot 2"));
    }

    @Test
    void computingEndsWhenTheLastOneLeavesAndBeginsAgain() {
        var first = join();
        var second = join();
        feed.leave(first);
        pass(Duration.ofSeconds(2));
        assertThat(feed.computed()).isEqualTo(3);
        feed.leave(second);
        feed.leave(second);
        assertThat(ticker.task).isNull();
        pass(Duration.ofMinutes(1));
        assertThat(feed.computed()).isEqualTo(3);
        join();
        pass(Duration.ofSeconds(2));
        assertThat(feed.computed()).isEqualTo(6);
    }

    @Test
    void whoStopsReadingIsCutOffAndNobodyElse() {
        var reads = join();
        var stops = join();
        var pauses = join();
        stops.full = true;
        pauses.full = true;
        pass(Duration.ofSeconds(10));
        assertThat(stops.cut).isFalse();
        pauses.full = false;
        pass(Duration.ofSeconds(1));
        assertThat(stops.cut).isTrue();
        assertThat(stops.got).as("not sent what it does not read").hasSize(2);
        assertThat(reads.cut || pauses.cut).isFalse();
        assertThat(reads.got).hasSize(13);
        pauses.full = true;
        pass(Duration.ofSeconds(10));
        assertThat(pauses.cut).as("it had read in between").isFalse();
    }

    @Test
    void thereIsRoomForSoManyAndNoMore() {
        var viewers = IntStream.range(0, 600).mapToObj(i -> join()).toList();
        assertThat(feed.join(new Viewer(), GREETING)).isEqualTo(Joined.TOO_MANY);
        feed.leave(viewers.getFirst());
        assertThat(feed.join(new Viewer(), GREETING)).isEqualTo(Joined.WATCHING);
        assertThat(feed.viewers()).isEqualTo(600);
    }

    @Test
    void everybodyIsSentHomeAtTheEnd() {
        var viewers = List.of(join(), join());
        feed.close();
        assertThat(viewers).allMatch(viewer -> viewer.ended && !viewer.cut);
        assertThat(feed.join(new Viewer(), GREETING)).isEqualTo(Joined.CLOSED);
    }

    @Test
    void whoDoesNotReadHoldsUpNoEnd() {
        var reads = join();
        var doesNot = join();
        doesNot.full = true;
        pass(Duration.ofSeconds(1));
        feed.close();
        assertThat(reads.ended && !reads.cut).isTrue();
        assertThat(doesNot.cut && !doesNot.ended).isTrue();
    }

    private Viewer join() {
        var viewer = new Viewer();
        assertThat(feed.join(viewer, GREETING)).isEqualTo(Joined.WATCHING);
        return viewer;
    }

    private void pass(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            nanos += Duration.ofSeconds(1).toNanos();
            ticker.tick();
        }
    }

    private static final class Viewer implements EventSink {

        private final List<Buffer> got = new ArrayList<>();
        private boolean full;
        private boolean ended;
        private boolean cut;

        @Override
        public boolean send(Buffer event) {
            return !full && got.add(event);
        }

        @Override
        public void end() {
            ended = true;
        }

        @Override
        public void cut() {
            cut = true;
        }
    }

    /** Ticks when it is told to. */
    private static final class HandTicker implements Ticker {

        private @Nullable Runnable task;

        @Override
        public Runnable every(Duration period, Runnable newTask) {
            assertThat(period).isEqualTo(Duration.ofSeconds(1));
            assertThat(task).isNull();
            task = newTask;
            return () -> task = null;
        }

        void tick() {
            if (task != null) {
                task.run();
            }
        }
    }
}
