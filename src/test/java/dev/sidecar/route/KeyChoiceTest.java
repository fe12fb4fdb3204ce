package dev.sidecar.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.providers.Circuits;
import dev.sidecar.providers.ProviderOf;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.util.List;
import org.apache.hc.core5.http.HttpHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a request may go with the key that it has. */
class KeyChoiceTest {

    @Test
    void anyRouteMayHaveTheKeyOfTheOnlyProviderUntilItsAddressChanges() {
        var one = ProviderOf.everything("one");
        var two = ProviderOf.everything("two");
        var inForce = new ProvidersInForce(new Providers(List.of(one)));
        var choice = new KeyChoice(inForce, new Circuits(inForce, CircuitBreaker::ofDefaults));
        var url = one.address().baseUrl();
        assertThat(choice.onlyAddress(new Providers(List.of(one)), url)).isNull();
        assertThat(choice.onlyAddress(new Providers(List.of(one, two)), url)).isEqualTo(url);
        assertThat(choice.onlyAddress(new Providers(List.of(two)), two.address().baseUrl()))
                .isEqualTo(two.address().baseUrl());
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
            "https://gateway.example/one, https, gateway.example, -1, /one, true",
            "https://gateway.example/one, https, gateway.example, -1, /one/, true",
            "https://gateway.example/one, https, gateway.example, -1, /two, false",
            "https://gateway.example/one, https, gateway.example, -1, /, false",
            "https://gateway.example, https, gateway.example, -1, /, true",
            "https://gateway.example, https, gateway.example, -1, /one, false",
            "https://gateway.example, http, gateway.example, -1, '', false",
            "https://gateway.example:8443, https, gateway.example, 8443, '', true",
            "https://gateway.example:8443, https, gateway.example, -1, '', false",
            "https://gateway.example, https, other.example, -1, '', false",
            "-, https, other.example, -1, /two, true"})
    void onlyToTheAddressAndPathOfItsProvider(String baseUrl, String scheme, String host, int port, String path,
            boolean may) {
        assertThat(new KeyChoice.Chosen(baseUrl, null, null).maySendTo(new HttpHost(scheme, host, port), path))
                .isEqualTo(may);
    }
}
