package io.k8s.sigs.swdt.host;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What this controller keeps of clusters: known_hosts, kubeconfig, run logs, the cluster file's
 * path. Losing it loses nothing that {@code destroy --config} needs.
 *
 * @param root a folder with one folder a cluster
 */
public record StateFolder(Path root) {

    /**
     * {@code $XDG_STATE_HOME/swdt}, {@code ~/.local/state/swdt} or, on Windows, {@code
     * %LOCALAPPDATA%\swdt}.
     */
    public static StateFolder of(Map<String, String> environment, Path home) {
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        String windows = environment.getOrDefault("LOCALAPPDATA", "");
        if (!xdg.isEmpty()) {
            return new StateFolder(Path.of(xdg, "swdt"));
        }
        return new StateFolder(
                windows.isEmpty() ? home.resolve(".local/state/swdt") : Path.of(windows, "swdt"));
    }

    /** A cluster's folder, made if it is not there. */
    public Path cluster(String name) throws IOException {
        Path folder = root.resolve(name);
        Files.createDirectories(folder);
        return folder;
    }

    /** Names of the clusters that were made from here and not destroyed. */
    public List<String> clusters() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(f -> Files.exists(f.resolve("config")))
                    .map(f -> f.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    /** Remembers where the cluster's file lies, and its nodes beside those known before. */
    public void remember(String name, Path clusterFile, List<String> nodes) throws IOException {
        Set<String> all = new TreeSet<>(nodes(name));
        all.addAll(nodes);
        write(cluster(name).resolve("nodes"), String.join("\n", all) + "\n");
        write(cluster(name).resolve("config"), clusterFile.toAbsolutePath() + "\n");
    }

    /** Names of the nodes that the cluster has had so far. */
    public List<String> nodes(String name) throws IOException {
        Path file = root.resolve(name).resolve("nodes");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** The cluster no longer counts as known; its logs stay, and who its hosts are. */
    public void forget(String name) throws IOException {
        for (String file : List.of("config", "kubeconfig", "uid", "nodes")) {
            Files.deleteIfExists(root.resolve(name).resolve(file));
        }
    }

    /** Writes a file that only the user may read, whole or not at all. */
    public static void write(Path file, String text) throws IOException {
        Path aside = file.resolveSibling("." + file.getFileName() + ".new");
        Files.deleteIfExists(aside);
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    aside,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(aside, text);
        Files.move(
                aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
