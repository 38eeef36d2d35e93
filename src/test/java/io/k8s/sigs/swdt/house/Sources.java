package io.k8s.sigs.swdt.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The project's own files; tests run in its folder. */
final class Sources {

    private Sources() {}

    /** All files below these folders, as relative paths in order. */
    static List<Path> below(String... folders) {
        var files = new ArrayList<Path>();
        for (String folder : folders) {
            try (Stream<Path> walk = Files.walk(Path.of(folder))) {
                walk.filter(Files::isRegularFile).sorted().forEach(files::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }

    /**
     * What git knows of or would add, as far as it is still there; in a tree without git all but
     * {@code target}.
     */
    static List<Path> tracked() {
        if (!Files.exists(Path.of(".git"))) {
            return below(".").stream()
                    .map(Path::normalize)
                    .filter(f -> !f.startsWith("target"))
                    .toList();
        }
        String names =
                Tool.run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
                        .output();
        return Stream.of(names.split("\0"))
                .map(Path::of)
                .filter(Files::isRegularFile)
                .sorted()
                .toList();
    }

    /** A file as text; bytes that are no UTF-8 become question marks. */
    static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first line, without its end. */
    static String firstLine(Path file) {
        return text(file).lines().findFirst().orElse("");
    }

    /** Lines that match, as {@code FILE:NUMBER: LINE}. */
    static List<String> lines(List<Path> files, Predicate<String> matches) {
        var found = new ArrayList<String>();
        for (Path file : files) {
            int number = 0;
            for (String line : text(file).lines().toList()) {
                number++;
                if (matches.test(line)) {
                    found.add(file + ":" + number + ": " + line.strip());
                }
            }
        }
        return found;
    }
}
