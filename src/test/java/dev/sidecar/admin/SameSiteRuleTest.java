package dev.sidecar.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SameSiteRuleTest {

    private final SameSiteRule rule = new SameSiteRule("127.0.0.1", List.of("Sidecar.Example.com"));

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.1:9190", "10.1.2.3:9190", "[::1]:9190", "[::1]", "localhost:9190",
            "sidecar:9190", "proxy.localhost", "box.local:1", "sidecar.llm.svc:9190", "sidecar.example.com:443",
            "SIDECAR.example.COM"})
    void aHostThatCannotBeAnotherSitesIsAnswered(String host) {
        assertThat(rule.check(host, null, null, false)).isEqualTo(Access.GRANTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.com", "evil.com:9190", "127.0.0.1.evil.com", "sidecar.example.com.evil.com",
            "localhost.evil.com:9190", "evil.com#.local@x.y", "1.2.3.4.nip.io", "notsidecar.example.com"})
    void aNameThatWasMadeToPointHereIsNot(String host) {
        assertThat(rule.check(host, null, null, true)).isInstanceOfSatisfying(Access.Denied.class, denied -> {
            assertThat(denied.error().status()).isEqualTo(403);
            assertThat(denied.error().message()).contains("SIDECAR_ALLOWED_HOSTS");
        });
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:9190, http://127.0.0.1:9190", "127.0.0.1:9190, https://127.0.0.1:9190",
            "localhost:9190, http://LOCALHOST:9190"})
    void aPageOfTheSidecarsOwnMay(String host, String origin) {
        assertThat(rule.check(host, origin, "same-origin", false)).isEqualTo(Access.GRANTED);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:9190, http://127.0.0.1:3000", "127.0.0.1:9190, https://evil.com", "127.0.0.1:9190, null",
            "localhost:9190, http://127.0.0.1:9190", "127.0.0.1:9190, http://", "127.0.0.1:9190, file://",
            "127.0.0.1:9190, http://127.0.0.1:9190.evil.com", "127.0.0.1:9190, %%%"})
    void aPageOfAnotherSiteMayNot(String host, String origin) {
        assertThat(rule.check(host, origin, null, false)).isInstanceOf(Access.Denied.class);
    }

    @ParameterizedTest
    @CsvSource({"cross-site, false, false", "same-site, false, false", "cross-site, true, true", "none, false, true",
            "same-origin, false, true"})
    void anotherSiteMayLinkToAPageButNotFetchIt(String site, boolean navigation, boolean granted) {
        assertThat(rule.check("127.0.0.1:9190", null, site, navigation) instanceof Access.Granted).isEqualTo(granted);
    }

    @Test
    void whatIsNoBrowserSendsNothingOfAllThat() {
        assertThat(rule.check(null, null, null, false)).isEqualTo(Access.GRANTED);
    }
}
