package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * One try to log in: carries what was seen and tried out of the library's callbacks. Written by the
 * thread that dials and by the library's, read when the try is over.
 */
final class Attempt {

    static final AttributeRepository.AttributeKey<Attempt> KEY =
            new AttributeRepository.AttributeKey<>();

    private final Login login;
    private final List<String> tried = new ArrayList<>();
    private volatile HostKeys.@Nullable Verdict verdict;
    private volatile @Nullable AgentClient agent;
    private volatile @Nullable String agentFault;

    Attempt(Login login) {
        this.login = login;
    }

    /** That of a session that this package dials; null for any other. */
    static @Nullable Attempt of(@Nullable Session session) {
        if (!(session instanceof ClientSession client)) {
            return null;
        }
        AttributeRepository context = client.getConnectionContext();
        return context == null ? null : context.getAttribute(KEY);
    }

    Login login() {
        return login;
    }

    /** What was found about the host's key; null if it showed none. */
    HostKeys.@Nullable Verdict verdict() {
        return verdict;
    }

    /** Whether the host is the right one. */
    boolean trust(HostKeys.Verdict found) {
        verdict = found;
        return found instanceof HostKeys.Verdict.Trusted;
    }

    /** A key file or a password that is offered, in words that hold no secret. */
    void tried(String what) {
        tried.add(what);
    }

    /** All that was offered. */
    String tried() {
        List<String> all = new ArrayList<>(tried);
        AgentClient asked = agent;
        String fault = agentFault;
        if (fault != null) {
            all.add("the SSH agent (" + fault + ")");
        } else if (asked != null) {
            all.add("the SSH agent with " + asked.keys() + (asked.keys() == 1 ? " key" : " keys"));
        }
        return all.isEmpty()
                ? "nothing, as there is no key and no password"
                : String.join(", ", all);
    }

    /**
     * The agent, with the keys that this login may use; null where none is to be asked, or none
     * answers: then the other ways are left, as with OpenSSH.
     */
    @Nullable AgentClient openAgent() {
        Path socket = login.agent();
        if (socket == null) {
            return null;
        }
        try {
            AgentClient opened = new AgentClient(socket, this::wanted);
            agent = opened;
            return opened;
        } catch (IOException | UnsupportedOperationException e) {
            agentFault = "it does not answer at " + socket;
            return null;
        }
    }

    private boolean wanted(PublicKey key) {
        if (!login.onlyKeys()) {
            return true;
        }
        HostKey offered = HostKey.of(key);
        return login.keys().stream().anyMatch(file -> offered.equals(KeyRing.publicHalf(file)));
    }
}
