package io.k8s.sigs.swdt.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentProxyTest {

    @Test
    void a_proxy_is_used_but_for_the_exceptions() throws ArtifactException {
        var proxy =
                EnvironmentProxy.of(Map.of("HTTPS_PROXY", "proxy.example:3128", "NO_PROXY", ".lan"))
                        .orElseThrow();

        assertThat(proxy.select(URI.create("https://dl.k8s.io/a")))
                .singleElement()
                .hasToString("HTTP @ proxy.example/<unresolved>:3128");
        assertThat(proxy.select(URI.create("https://mirror.lan/a")))
                .containsExactly(Proxy.NO_PROXY);
        assertThat(EnvironmentProxy.of(Map.of())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "lan, https://mirror.LAN/a, true",
        ".Lan, https://mirror.lan/a, true",
        ".mirror.lan, https://mirror.lan/a, false",
        "*.lan, https://mirror.lan/a, true",
        "*.mirror.lan, https://mirror.lan/a, false",
        "lan, https://wlan/a, false",
        "mirror.lan:8443, https://mirror.lan/a, false",
        "mirror.lan:8443, https://mirror.lan:8443/a, true",
        "mirror.lan:443, https://mirror.lan/a, true",
        "10.0.0.0/8, https://10.1.2.3/a, true",
        "10.0.0.0/8, https://11.1.2.3/a, false",
        "10.0.0.0/8, https://mirror.lan/a, false",
        "fe80::/10, https://mirror.lan/a, false",
        "*, https://mirror.lan/a, true"
    })
    void exceptions_are_names_addresses_and_networks(String exception, String url, boolean direct)
            throws ArtifactException {
        var proxy =
                EnvironmentProxy.of(Map.of("https_proxy", "proxy:1", "no_proxy", exception))
                        .orElseThrow();

        assertThat(proxy.select(URI.create(url)).contains(Proxy.NO_PROXY)).isEqualTo(direct);
    }

    @ParameterizedTest
    @CsvSource({
        "http://anna:hunter2@pro xy:1, is no address of a proxy",
        "anna:hunter2@, is no address of a proxy",
        "socks5://anna:hunter2@proxy:1, names a proxy of a kind that swdt does not speak to",
        "http://anna:hunter2@proxy:1, 'names a proxy with a login, which swdt cannot do'"
    })
    void what_cannot_be_used_is_refused_without_its_password(String value, String what) {
        assertThatThrownBy(() -> EnvironmentProxy.of(Map.of("HTTPS_PROXY", value)))
                .isInstanceOf(ArtifactException.class)
                .hasNoCause()
                .hasMessage("the environment variable https_proxy (or in capitals) " + what);
    }
}
