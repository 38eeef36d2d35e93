package io.k8s.sigs.swdt.artifact;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
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

    /**
     * Empty where the environment names no proxy.
     *
     * @throws ArtifactException naming the variable, never its value: that may hold a password
     */
    static Optional<ProxySelector> of(Map<String, String> environment) throws ArtifactException {
        Map<String, URI> proxies = new java.util.HashMap<>();
        for (String scheme : List.of("https", "http")) {
            String value = value(environment, scheme + "_proxy");
            if (!value.isEmpty()) {
                proxies.put(scheme, proxy(scheme + "_proxy", value));
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

    private static URI proxy(String variable, String value) throws ArtifactException {
        URI uri;
        try {
            uri = new URI(value.contains("://") ? value : "http://" + value);
        } catch (URISyntaxException _) { // its message is the value
            throw refused(variable, "is no address of a proxy");
        }
        if (uri.getHost() == null) {
            throw refused(variable, "is no address of a proxy");
        }
        if (!"http".equalsIgnoreCase(uri.getScheme())) {
            throw refused(variable, "names a proxy of a kind that swdt does not speak to");
        }
        if (uri.getUserInfo() != null) {
            throw refused(variable, "names a proxy with a login, which swdt cannot do");
        }
        return uri;
    }

    private static ArtifactException refused(String variable, String what) {
        return new ArtifactException(
                "the environment variable " + variable + " (or in capitals) " + what,
                "set it to http://HOST:PORT, or use a mirror (artifacts.mirror)",
                null);
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
