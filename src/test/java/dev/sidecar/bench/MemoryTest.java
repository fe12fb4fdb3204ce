package dev.sidecar.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTest {

    private static final Memory NONE = new Memory(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    @Test
    void readsWhatTheKernelSaysOfAProcess() {
        Memory memory = Memory.of(List.of("Name:\tjava", "VmPeak:\t 9000000 kB", "VmHWM:\t  400000 kB",
                "VmRSS:\t  300000 kB", "RssAnon:\t  200000 kB", "RssFile:\t  100000 kB", "RssShmem:\t       0 kB"));

        assertThat(memory).isEqualTo(new Memory(307.2, 204.8, 102.4, 409.6));
    }

    @Test
    void knowsNothingOfAProcessThatIsGone() {
        assertThat(Memory.of(List.of())).isEqualTo(NONE);
    }

    @Test
    void findsTheLargestOfAPhase() {
        Memory small = new Memory(1, 1, 0, 9);
        Memory large = new Memory(3, 2, 1, 9);
        List<MemorySampler.Sample> samples = List.of(new MemorySampler.Sample(0, "idle", small),
                new MemorySampler.Sample(1, "busy", small), new MemorySampler.Sample(2, "busy", large),
                new MemorySampler.Sample(3, "busy", NONE), new MemorySampler.Sample(4, "busy", small));

        assertThat(MemorySampler.largestIn("busy", samples)).isEqualTo(large);
        assertThat(MemorySampler.largestIn("idle", samples)).isEqualTo(small);
        assertThat(MemorySampler.largestIn("never", samples)).isEqualTo(NONE);
    }
}
