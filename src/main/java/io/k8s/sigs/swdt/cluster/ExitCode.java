package io.k8s.sigs.swdt.cluster;

/** Exit codes of the {@code swdt} command; a contract, see docs/design.md 4.4. */
public enum ExitCode {
    DONE(0),
    FAILED(1),
    USAGE(2),
    INVALID_FILE(3),
    UNREACHABLE(4),
    NOT_FIT(5),
    LOCKED(6),
    CHANGE_FAILED(7),
    ARTIFACT(8),
    TESTS_FAILED(9),
    LEFTOVERS(10),
    INTERRUPTED(130);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    /** The number that the process ends with. */
    public int code() {
        return code;
    }
}
