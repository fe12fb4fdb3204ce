package dev.sidecar.simulator.limits;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** When a provider counts the tokens of a request. */
public enum TokenMoment {

    /** All when it arrives, as if the length of the response were known then. */
    ARRIVAL {
        @Override
        public long atArrival(long input, long output) {
            return input + output;
        }

        @Override
        public long atEnd(long input, long output) {
            return 0;
        }
    },
    /** The input when it arrives, and the output when the response has ended. */
    BOTH {
        @Override
        public long atArrival(long input, long output) {
            return input;
        }

        @Override
        public long atEnd(long input, long output) {
            return output;
        }
    },
    /** All when the response has ended: requests are accepted as long as less than the limit is used. */
    END {
        @Override
        public long atArrival(long input, long output) {
            return 0;
        }

        @Override
        public long atEnd(long input, long output) {
            return input + output;
        }
    };

    /** @param output what the response will have */
    public abstract long atArrival(long input, long output);

    /** @param output what the response really had: less if the client left */
    public abstract long atEnd(long input, long output);

    /** In kebab case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static List<String> names() {
        return Arrays.stream(values()).map(TokenMoment::label).toList();
    }

    /** The moment of this name, one of {@link #names()}. */
    public static TokenMoment named(String name) {
        return Arrays.stream(values()).filter(moment -> moment.label().equals(name)).findFirst().orElseThrow();
    }
}
