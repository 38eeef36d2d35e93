package io.k8s.sigs.swdt.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A place that holds artifacts under their original host and path: {@code https://HOST/PATH} is
 * {@code MIRROR/HOST/PATH}. With a mirror, publishers' servers are never asked.
 */
sealed interface Mirror permits FolderMirror, TarMirror, WebMirror {

    /**
     * @param text folder, tar file, or http(s) URL
     * @throws ArtifactException if it is none of these
     */
    static Mirror open(String text) throws ArtifactException {
        if (text.startsWith("http://") || text.startsWith("https://")) {
            return new WebMirror(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        }
        Path path = Path.of(text).toAbsolutePath();
        if (Files.isDirectory(path)) {
            return new FolderMirror(path);
        }
        if (Files.isRegularFile(path)) {
            return TarMirror.open(path);
        }
        throw new ArtifactException(
                "the mirror " + path + " is neither a folder nor a tar file",
                "correct artifacts.mirror in the cluster file, or SWDT_MIRROR",
                null);
    }

    /** The path below the mirror for a publisher's address. */
    static String key(String url) {
        return url.replaceFirst("^https?://", "");
    }

    /** The path below the mirror of an image's archive. */
    static String imageKey(String reference, String platform) {
        int colon = reference.lastIndexOf(':');
        return "images/"
                + reference.substring(0, colon)
                + "/"
                + reference.substring(colon + 1)
                + "."
                + platform.replace('/', '-')
                + ".tar";
    }

    /**
     * The address from which {@link Downloads} takes a file; empty if the mirror does not hold it.
     */
    Optional<String> locate(String key) throws IOException;

    /** Names in a folder of the mirror; empty where the mirror cannot list. */
    List<String> list(String folder) throws IOException;
}

/** A folder. */
record FolderMirror(Path root) implements Mirror {

    @Override
    public Optional<String> locate(String key) {
        Path file = root.resolve(key);
        return Files.isRegularFile(file) ? Optional.of(file.toUri().toString()) : Optional.empty();
    }

    @Override
    public List<String> list(String folder) throws IOException {
        Path path = root.resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }
}

/** A web server. */
record WebMirror(String base) implements Mirror {

    @Override
    public Optional<String> locate(String key) {
        return Optional.of(base + "/" + key);
    }

    @Override
    public List<String> list(String folder) {
        return List.of();
    }
}
