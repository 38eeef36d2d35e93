package io.k8s.sigs.swdt.config;

import io.k8s.sigs.swdt.value.Yaml;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** A cluster file that has been read, checked and completed. */
public final class ClusterFile {

    private final Cluster cluster;
    private final Map<String, @Nullable Object> tree;

    private ClusterFile(Cluster cluster, Map<String, @Nullable Object> tree) {
        this.cluster = cluster;
        this.tree = tree;
    }

    /**
     * Reads the file as {@link #read} does, for who needs only the records.
     *
     * @throws ConfigException with every mistake found
     */
    public static Cluster load(Path file, Map<String, String> env) {
        return read(file, env).cluster();
    }

    /**
     * Reads, checks and completes a file; also reads the files of secrets that it names.
     *
     * @param file UTF-8, one YAML document; relative paths in it start in its folder
     * @param env environment variables, for variables in texts, for secrets, and HOME for paths
     * @throws ConfigException with every mistake found, sorted by place
     */
    public static ClusterFile read(Path file, Map<String, String> env) {
        SourceText source = new SourceText(file.toString(), text(file));
        Node root = root(source);
        Path folder = file.toAbsolutePath().normalize().getParent();
        Secrets secrets = new Secrets(folder == null ? file.toAbsolutePath() : folder, env);
        Checker checker = new Checker(source, env, secrets);
        Map<String, @Nullable Object> checked = checker.check(root);
        References.check(checked, (path, message) -> source.problem(checker.place(path), message));
        List<Problem> problems = source.problems();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        Map<String, @Nullable Object> tree = Defaults.fill(checked);
        return new ClusterFile(new Binder(secrets).cluster(tree), tree);
    }

    /** The cluster, with defaults. */
    public Cluster cluster() {
        return cluster;
    }

    /**
     * The file as YAML with defaults and environment variables filled in; secrets stay references,
     * their values are not in it. Can be loaded again.
     */
    public String show() {
        return Yaml.write(escaped(tree));
    }

    /** Dollar and brace as they must be written for a text to stay what it is. */
    private static @Nullable Object escaped(@Nullable Object value) {
        return switch (value) {
            case String text -> text.replace("${", "$${");
            case Map<?, ?> map -> {
                Map<Object, @Nullable Object> result = new LinkedHashMap<>();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    result.put(entry.getKey(), escaped(entry.getValue()));
                }
                yield result;
            }
            case List<?> list -> {
                List<@Nullable Object> result = new ArrayList<>();
                for (Object item : list) {
                    result.add(escaped(item));
                }
                yield result;
            }
            case null, default -> value;
        };
    }

    private static Node root(SourceText source) {
        try {
            Iterator<Node> documents =
                    new Compose(Yaml.settings("file"))
                            .composeAllFromString(source.text())
                            .iterator();
            if (!documents.hasNext()) {
                source.problem(
                        Optional.empty(),
                        "the file is empty; docs/cluster-file.md says what it holds");
                throw new ConfigException(source.problems());
            }
            Node root = documents.next();
            if (documents.hasNext()) {
                source.problem(
                        documents.next().getStartMark(),
                        "a second document begins here; a cluster file is one document");
                throw new ConfigException(source.problems());
            }
            return root;
        } catch (MarkedYamlEngineException e) {
            source.coverByName();
            String problem = e.getProblem();
            source.problem(
                    e.getProblemMark(),
                    "not YAML: " + (problem == null ? "syntax error" : problem));
            throw new ConfigException(source.problems());
        } catch (YamlEngineException e) {
            source.problem(Optional.empty(), "not YAML: " + e.getMessage());
            throw new ConfigException(source.problems());
        }
    }

    private static String text(Path file) {
        String message;
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                            .toString();
            // Windows editors begin UTF-8 files with a byte order mark.
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            message = "the file is not UTF-8 text; save it as UTF-8";
        } catch (NoSuchFileException e) {
            message = "there is no such file";
        } catch (IOException e) {
            message = "cannot read the file: " + e;
        }
        throw new ConfigException(List.of(new Problem(file.toString(), 0, 0, message, "")));
    }
}
