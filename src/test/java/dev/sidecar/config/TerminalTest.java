package dev.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Colours are for those who see them and want them. */
class TerminalTest {

    @Test
    void coloursAreWantedUnlessTheEnvironmentSaysNo() {
        assertThat(Terminal.wantsColours(Map.of())).isTrue();
        assertThat(Terminal.wantsColours(Map.of("TERM", "xterm-256color", "NO_COLOR", ""))).isTrue();
        assertThat(Terminal.wantsColours(Map.of("NO_COLOR", "1"))).isFalse();
        assertThat(Terminal.wantsColours(Map.of("TERM", "dumb"))).isFalse();
    }

    /** Tests have no terminal. */
    @Test
    void whatIsNoTerminalGetsNone() {
        assertThat(Terminal.takesColours(Map.of())).isFalse();
    }
}
