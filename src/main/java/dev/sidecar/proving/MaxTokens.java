package dev.sidecar.proving;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/** What clients write as {@code max_tokens}. */
enum MaxTokens {

    /** Nothing. */
    NONE {
        @Override
        OptionalLong of(long usualOutput, RandomGenerator random) {
            return OptionalLong.empty();
        }
    },
    /** As tools do that do not know better. */
    GENEROUS {
        @Override
        OptionalLong of(long usualOutput, RandomGenerator random) {
            return OptionalLong.of(8192);
        }
    },
    /** Ten times the limit of a minute. */
    ABSURD {
        @Override
        OptionalLong of(long usualOutput, RandomGenerator random) {
            return OptionalLong.of(1_000_000);
        }
    },
    /** So few that one of five responses is cut. */
    TIGHT {
        @Override
        OptionalLong of(long usualOutput, RandomGenerator random) {
            return OptionalLong.of(usualOutput * 3 / 2);
        }
    },
    /** Each request any of the others. */
    MIXED {
        @Override
        OptionalLong of(long usualOutput, RandomGenerator random) {
            List<MaxTokens> others = List.of(NONE, GENEROUS, ABSURD, TIGHT);
            return others.get(random.nextInt(others.size())).of(usualOutput, random);
        }
    };

    /** @param usualOutput what half of the client's responses do not exceed */
    abstract OptionalLong of(long usualOutput, RandomGenerator random);

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
