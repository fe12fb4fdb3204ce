package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a newcomer reads when the sidecar is up. */
class StartupBannerTest {

    @Test
    void itHasThreeLinesProxyDashboardAndACommand() {
        assertThat(new StartupBanner("127.0.0.1", 9190, "http://127.0.0.1:40001", true, false).text()).isEqualTo("""

                  Proxy     http://127.0.0.1:9190/v1 in front of a simulated provider
                  Dashboard http://127.0.0.1:9190/api/dashboard
                  Try it    curl -s http://127.0.0.1:9190/v1/chat/completions -H 'Content-Type: application/json' \
                -d '{"model":"demo","messages":[{"role":"user","content":"Hello"}]}'

                """);
    }

    /** A model that the real provider does not know would be refused, and one that it knows would cost a slot. */
    @Test
    void withTheRealProviderTheCommandCostsNoSlot() {
        assertThat(new StartupBanner("127.0.0.1", 9190, "https://p.example", false, false).text())
                .contains("in front of https://p.example\n", "Try it    curl -s http://127.0.0.1:9190/v1/models\n");
    }

    @Test
    void coloursChangeNoWord() {
        var plain = new StartupBanner("127.0.0.1", 9190, "https://p.example", false, false).text();
        var coloured = new StartupBanner("127.0.0.1", 9190, "https://p.example", false, true).text();

        assertThat(plain).doesNotContain("\u001b");
        assertThat(coloured).contains("\u001b[36mhttp://127.0.0.1:9190/v1\u001b[0m");
        assertThat(coloured.replaceAll("\u001b\\[[0-9]+m", "")).isEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.1", "::, 127.0.0.1", "::1, [::1]", "10.0.0.5, 10.0.0.5"})
    void itNamesAnAddressThatCanBeOpened(String host, String shown) {
        assertThat(new StartupBanner(host, 80, "https://p.example", false, false).text())
                .contains("http://" + shown + ":80/api/dashboard\n");
    }
}
