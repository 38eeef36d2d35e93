package io.k8s.sigs.swdt.config;

import java.util.List;
import java.util.stream.Collectors;

/** A cluster file cannot be used; carries every mistake found, and its message shows them all. */
public final class ConfigException extends RuntimeException {

    private final transient List<Problem> problems;

    /**
     * @param problems at least one; kept sorted by place
     */
    public ConfigException(List<Problem> problems) {
        super(render(problems));
        this.problems = problems.stream().sorted().toList();
    }

    /** The mistakes, sorted by place. */
    public List<Problem> problems() {
        return problems;
    }

    /** All mistakes as text for a user, sorted by place, without a line feed at the end. */
    public static String render(List<Problem> problems) {
        return problems.stream().sorted().map(Problem::render).collect(Collectors.joining("\n"));
    }
}
