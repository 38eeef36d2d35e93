package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.host.StateFolder;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where swdt runs.
 *
 * @param home the user's home folder
 * @param user the user's name
 * @param controller this machine's name
 * @param variables environment variables
 * @param state what is kept of clusters
 * @param cache for artifacts
 * @param version swdt's
 */
public record Environment(
        Path home,
        String user,
        String controller,
        Map<String, String> variables,
        StateFolder state,
        Path cache,
        String version) {

    public Environment {
        variables = Map.copyOf(variables);
    }

    /** Of this process. */
    public static Environment current(String version) {
        Map<String, String> variables = System.getenv();
        Path home = Path.of(variables.getOrDefault("HOME", System.getProperty("user.home", ".")));
        String windows = variables.getOrDefault("LOCALAPPDATA", "");
        String xdg = variables.getOrDefault("XDG_CACHE_HOME", "");
        Path cache =
                !xdg.isEmpty()
                        ? Path.of(xdg, "swdt")
                        : windows.isEmpty()
                                ? home.resolve(".cache/swdt")
                                : Path.of(windows, "swdt", "cache");
        return new Environment(
                home,
                System.getProperty("user.name", "user"),
                controllerName(variables),
                variables,
                StateFolder.of(variables, home),
                cache,
                version);
    }

    private static String controllerName(Map<String, String> variables) {
        String name =
                variables.getOrDefault("HOSTNAME", variables.getOrDefault("COMPUTERNAME", ""));
        return name.isEmpty() ? "this machine" : name;
    }
}
