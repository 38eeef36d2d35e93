package io.k8s.sigs.swdt.engine;

import java.io.IOException;

/** A host is in somebody else's hands: locked, busy, or of another cluster. */
public final class HostTakenException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String how;

    /**
     * @param how {@code locked}, {@code busy} or {@code foreign}
     * @param who the holder, or the other cluster's name; may be empty
     */
    public HostTakenException(String how, String who) {
        super(
                switch (how) {
                    case "locked" -> "is being worked on by " + who;
                    case "busy" -> "another swdt program runs on it at this moment";
                    case "foreign" -> "belongs to the cluster " + who;
                    default -> "the program on the host ended with '" + how + "' " + who;
                });
        this.how = how;
    }

    /** {@code locked}, {@code busy} or {@code foreign}. */
    public String how() {
        return how;
    }
}
