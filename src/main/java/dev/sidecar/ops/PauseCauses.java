package dev.sidecar.ops;

import dev.sidecar.throttle.order.KeyFigures;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** Which keys rest because their providers refused. It stops requests only when every key that could pay rests. Stateless. */
final class PauseCauses {

    private PauseCauses() {
    }

    static List<Cause> of(List<KeyState> keys) {
        var useful = keys.stream().filter(PauseCauses::couldPay).toList();
        // Where no key could pay, a pause holds back those requests that go on the first one all the same.
        var all = useful.isEmpty() ? keys : useful;
        var paused = all.stream().filter(PauseCauses::isPaused).toList();
        if (paused.isEmpty()) {
            return List.of();
        }
        var first = Figures.seconds(paused.stream().map(key -> key.figures().retreat().paused())
                .min(Comparator.naturalOrder()).orElse(Duration.ZERO));
        return List.of(paused.size() == all.size()
                ? new Cause.Paused(first)
                : new Cause.KeyPaused(paused.stream().map(key -> key.figures().name()).toList(), first));
    }

    private static boolean isPaused(KeyState key) {
        return key.figures().retreat().paused().isPositive();
    }

    private static boolean couldPay(KeyState key) {
        return key.state() == KeyFigures.State.OK || key.state() == KeyFigures.State.PAUSED;
    }
}
