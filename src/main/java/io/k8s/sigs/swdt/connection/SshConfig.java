package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ~/.ssh/config} says about a host, by the rules of ssh_config(5): the first value
 * counts, {@code IdentityFile} adds up; with {@code Include}, and with {@code Match} by host,
 * originalhost, user, localuser and all. A {@code Match} by anything else never holds.
 */
final class SshConfig {

    private static final int DEEPEST_INCLUDE = 16;

    private final Path file;
    private final Path home;
    private final String localUser;

    /**
     * @param file need not exist
     * @param home the user's home folder, for {@code ~} and {@code Include}
     * @param localUser name of the local user
     */
    SshConfig(Path file, Path home, String localUser) {
        this.file = file;
        this.home = home;
        this.localUser = localUser;
    }

    /**
     * @param hostName where to connect, the name itself unless the file says otherwise
     * @param user login name, or null
     * @param port TCP port, or null
     * @param identityFiles private keys, in order
     * @param identitiesOnly whether the agent's other keys are not offered
     * @param identityAgent the agent's socket, {@code none}, or null
     * @param proxyJump as written, {@code none}, or null
     * @param hostKeyAlias name in known_hosts, or null
     */
    record Settings(
            String hostName,
            @Nullable String user,
            @Nullable Integer port,
            List<Path> identityFiles,
            boolean identitiesOnly,
            @Nullable String identityAgent,
            @Nullable String proxyJump,
            @Nullable String hostKeyAlias) {

        Settings {
            identityFiles = List.copyOf(identityFiles);
        }
    }

    /**
     * @param name as the user wrote it
     * @param user login name that was given elsewhere, or null
     * @throws IOException if the file cannot be read or a value is none, with a message fit for a
     *     user
     */
    Settings of(String name, @Nullable String user) throws IOException {
        Search search = new Search(name, user);
        if (Files.exists(file)) {
            search.read(file, true, 0);
        }
        return search.settings();
    }

    private final class Search {

        private final String name;
        private final @Nullable String givenUser;
        private final List<String> identityFiles = new ArrayList<>();
        private @Nullable String hostName;
        private @Nullable String user;
        private @Nullable Integer port;
        private @Nullable String identitiesOnly;
        private @Nullable String identityAgent;
        private @Nullable String proxyJump;
        private @Nullable String hostKeyAlias;

        Search(String name, @Nullable String givenUser) {
            this.name = name;
            this.givenUser = givenUser;
        }

        Settings settings() {
            List<Path> files = new ArrayList<>();
            for (String text : identityFiles) {
                if (!text.equals("none")) {
                    files.add(Path.of(expand(text)));
                }
            }
            return new Settings(
                    host(),
                    user,
                    port,
                    files,
                    "yes".equals(identitiesOnly),
                    identityAgent == null ? null : expand(identityAgent),
                    proxyJump,
                    hostKeyAlias);
        }

        // a Host or Match within an included file counts only where the Include itself does
        void read(Path from, boolean outer, int depth) throws IOException {
            boolean active = outer;
            List<String> lines = Files.readAllLines(from);
            for (int i = 0; i < lines.size(); i++) {
                List<String> words = SshConfigLine.words(lines.get(i));
                if (words.size() < 2) {
                    continue;
                }
                List<String> values = words.subList(1, words.size());
                switch (words.getFirst()) {
                    case "host" -> active = outer && Globs.anyOf(values, name);
                    case "match" -> active = outer && matches(values);
                    case "include" -> {
                        if (active) {
                            include(values, depth);
                        }
                    }
                    default -> {
                        if (active) {
                            set(words.getFirst(), values.getFirst(), from, i + 1);
                        }
                    }
                }
            }
        }

        private void include(List<String> patterns, int depth) throws IOException {
            if (depth >= DEEPEST_INCLUDE) {
                throw new IOException(file + ": Include goes deeper than " + DEEPEST_INCLUDE);
            }
            for (String pattern : patterns) {
                Path path = home.resolve(".ssh").resolve(tilde(pattern)).normalize();
                for (Path found : glob(path)) {
                    read(found, true, depth + 1);
                }
            }
        }

        private void set(String key, String value, Path from, int line) throws IOException {
            switch (key) {
                case "hostname" -> hostName = hostName == null ? value : hostName;
                case "user" -> user = user == null ? value : user;
                case "port" -> port = port == null ? number(value, from, line) : port;
                case "identityfile" -> identityFiles.add(value);
                case "identitiesonly" ->
                        identitiesOnly = identitiesOnly == null ? value : identitiesOnly;
                case "identityagent" ->
                        identityAgent = identityAgent == null ? value : identityAgent;
                case "proxyjump" -> proxyJump = proxyJump == null ? value : proxyJump;
                case "hostkeyalias" -> hostKeyAlias = hostKeyAlias == null ? value : hostKeyAlias;
                default -> {
                    // not for us
                }
            }
        }

        private boolean matches(List<String> criteria) {
            Iterator<String> words = criteria.iterator();
            while (words.hasNext()) {
                String word = words.next().toLowerCase(Locale.ROOT);
                if (word.equals("all")) {
                    continue;
                }
                if (!words.hasNext()) {
                    return false;
                }
                boolean negated = word.startsWith("!");
                List<String> patterns = List.of(words.next().split(",", -1));
                Boolean holds =
                        switch (negated ? word.substring(1) : word) {
                            case "host" -> Globs.anyOf(patterns, host());
                            case "originalhost" -> Globs.anyOf(patterns, name);
                            case "user" -> Globs.anyOf(patterns, login());
                            case "localuser" -> Globs.anyOf(patterns, localUser);
                            default -> null;
                        };
                if (holds == null || holds == negated) {
                    return false;
                }
            }
            return true;
        }

        private String host() {
            return hostName == null ? name : hostName.replace("%h", name).replace("%%", "%");
        }

        private String login() {
            return givenUser != null ? givenUser : user != null ? user : localUser;
        }

        private String expand(String text) {
            return tilde(text)
                    .replace("%d", home.toString())
                    .replace("%h", host())
                    .replace("%r", login())
                    .replace("%u", localUser)
                    .replace("%%", "%");
        }
    }

    private String tilde(String text) {
        return text.startsWith("~/") ? home.resolve(text.substring(2)).toString() : text;
    }

    private static int number(String value, Path from, int line) throws IOException {
        if (value.matches("[1-9][0-9]{0,4}") && Integer.parseInt(value) <= 65535) {
            return Integer.parseInt(value);
        }
        throw new IOException(
                from + " line " + line + ": port '" + value + "' is not within 1 to 65535");
    }

    // patterns in folders are rare, in file names common (conf.d/*)
    private static List<Path> glob(Path path) throws IOException {
        Path folder = path.getParent();
        Path last = path.getFileName();
        if (last == null || folder == null || !Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, last.toString())) {
            files.forEach(f -> {
                if (Files.isRegularFile(f)) {
                    found.add(f);
                }
            });
        }
        Collections.sort(found);
        return found;
    }
}
