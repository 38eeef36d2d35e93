package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.value.Cidr;
import io.k8s.sigs.swdt.value.Ipv4;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The proxy that {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} name, as Go's
 * programs read them, kubeadm and the kubelet among them (golang.org/x/net/http/httpproxy): what
 * begins with a dot or {@code *.} covers what is below the name, and not the name itself.
 */
public final class EnvironmentProxy extends ProxySelector {

    // .example.org, example.org:8443, 10.0.0.0/8
    private static final Pattern EXCEPTION = Pattern.compile("(\\*?\\.)?([^:]+)(?::(\\d+))?");
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+");

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
        List<String> exceptions = exceptions(value(environment, "no_proxy"));
        return proxies.isEmpty()
                ? Optional.empty()
                : Optional.of(new EnvironmentProxy(proxies, exceptions));
    }

    private static List<String> exceptions(String noProxy) {
        return Arrays.stream(noProxy.split(",", -1))
                .map(String::strip)
                .filter(e -> !e.isEmpty())
                .toList();
    }

    /** Whether a value of NO_PROXY lets a server be reached without the proxy. */
    public static boolean spares(String noProxy, String host, int port) {
        return exceptions(noProxy).stream().anyMatch(e -> covers(e, host, port));
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
        if (proxy == null
                || exceptions.stream().anyMatch(e -> covers(e, uri.getHost(), port(uri)))) {
            return List.of(Proxy.NO_PROXY);
        }
        int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
        return List.of(
                new Proxy(
                        Proxy.Type.HTTP,
                        InetSocketAddress.createUnresolved(proxy.getHost(), port)));
    }

    /** By name with what is below it, by address or network, each also with a port of its own. */
    private static boolean covers(String exception, String server, int serverPort) {
        if (exception.equals("*")) {
            return true;
        }
        String host = server.toLowerCase(Locale.ROOT);
        Matcher parts = EXCEPTION.matcher(exception.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            return false;
        }
        String port = parts.group(3);
        if (port != null && !port.equals(Integer.toString(serverPort))) {
            return false;
        }
        String name = parts.group(2);
        if (name.indexOf('/') >= 0) {
            return ADDRESS.matcher(host).matches() && inNetwork(host, name);
        }
        return (parts.group(1) == null && host.equals(name)) || host.endsWith("." + name);
    }

    private static boolean inNetwork(String host, String network) {
        try {
            return Cidr.parse(network).contains(Ipv4.parse(host));
        } catch (IllegalArgumentException _) {
            return false; // no network of this kind of addresses
        }
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException fault) {
        // the request itself fails and says so
    }
}
