package io.k8s.sigs.swdt.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Scripts for hosts, which lie beside the classes of the agents. */
public final class Scripts {

    /** The files of the network's script, in their order. */
    static final List<String> NETWORK = List.of("windows/token.ps1", "windows/network.ps1");

    private Scripts() {}

    /** What keeps flanneld and kube-proxy running on Windows: a file that hosts get. */
    public static String windowsNetwork() {
        return read(NETWORK);
    }

    /** Their texts, one after the other. */
    static String read(List<String> names) {
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            try (InputStream in = Scripts.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException("resource " + name + " is missing");
                }
                text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return text.toString();
    }
}
