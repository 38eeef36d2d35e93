package io.k8s.sigs.swdt.config;

import io.k8s.sigs.swdt.value.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what the references to secrets stand for, and resolves paths against the file's folder. */
final class Secrets {

    private final Path folder;
    private final Map<String, String> env;

    /**
     * @param folder of the cluster file, absolute
     */
    Secrets(Path folder, Map<String, String> env) {
        this.folder = folder;
        this.env = env;
    }

    /**
     * The path as it is meant in the file: a leading {@code ~/} is the user's home, relative ones
     * start in the file's folder.
     */
    Path path(String text) {
        if (text.equals("~") || text.startsWith("~/")) {
            String home = env.getOrDefault("HOME", System.getProperty("user.home", ""));
            return folder.resolve(home)
                    .resolve(text.substring(Math.min(2, text.length())))
                    .normalize();
        }
        return folder.resolve(text).normalize();
    }

    /**
     * The secret.
     *
     * @param reference {@code env} or {@code file} to its name
     * @throws IllegalArgumentException with a message for the user, if it cannot be read
     */
    Secret read(Map<String, @Nullable Object> reference) {
        String name = Tree.textOrNull(reference, "env");
        if (name != null) {
            String value = env.get(name);
            if (value == null) {
                throw new IllegalArgumentException(
                        "environment variable '" + name + "' is not set");
            }
            return new Secret(value);
        }
        Path path = path(Tree.text(reference, "file"));
        try (BufferedReader reader = Files.newBufferedReader(path)) {
            String line = reader.readLine();
            return new Secret(line == null ? "" : line);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file " + path, e);
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new IllegalArgumentException("the first line of " + path + " is not UTF-8", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + path + ": " + e, e);
        }
    }
}
