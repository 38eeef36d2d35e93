package io.k8s.sigs.swdt.artifact;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxy that {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} name, as curl reads
 * them.
 */
final class EnvironmentProxy extends ProxySelector {

    private final Map<String, URI> proxies;
    private final List<String> exceptions;

    private EnvironmentProxy(Map<String, URI> proxies, List<String> exceptions) {
        this.proxies = Map.copyOf(proxies);
        this.exceptions = List.copyOf(exceptions);
    }

    /** Empty where the environment names no proxy. */
    static Optional<ProxySelector> of(Map<String, String> environment) {
        Map<String, URI> proxies = new java.util.HashMap<>();
        for (String scheme : List.of("https", "http")) {
            String value = value(environment, scheme + "_proxy");
            if (!value.isEmpty()) {
                proxies.put(scheme, URI.create(value.contains("://") ? value : "http://" + value));
            }
        }
        List<String> exceptions =
                Arrays.stream(value(environment, "no_proxy").split(",", -1))
                        .map(String::strip)
                        .filter(e -> !e.isEmpty())
                        .toList();
        return proxies.isEmpty()
                ? Optional.empty()
                : Optional.of(new EnvironmentProxy(proxies, exceptions));
    }

    private static String value(Map<String, String> environment, String name) {
        String lower = environment.getOrDefault(name, "");
        return lower.isEmpty()
                ? environment.getOrDefault(name.toUpperCase(Locale.ROOT), "")
                : lower;
    }

    @Override
    public List<Proxy> select(URI uri) {
        URI proxy = proxies.get(uri.getScheme());
        if (proxy == null || exceptions.stream().anyMatch(e -> covers(e, uri.getHost()))) {
            return List.of(Proxy.NO_PROXY);
        }
        int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
        return List.of(
                new Proxy(
                        Proxy.Type.HTTP,
                        InetSocketAddress.createUnresolved(proxy.getHost(), port)));
    }

    private static boolean covers(String exception, String host) {
        String name = exception.startsWith(".") ? exception.substring(1) : exception;
        return exception.equals("*") || host.equals(name) || host.endsWith("." + name);
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException fault) {
        // the request itself fails and says so
    }
}
