package io.k8s.sigs.swdt.agent;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.RemoteCommand;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.value.Sha256;
import java.util.List;

/**
 * What swdt asks of a host, as commands for the host's shell that answer with {@link AgentEvent}s.
 */
public sealed interface Agent permits LinuxAgent, WindowsAgent {

    /** The agent of an operating system. */
    static Agent of(Cluster.Os os) {
        return switch (os) {
            case LINUX -> new LinuxAgent();
            case WINDOWS -> new WindowsAgent();
        };
    }

    /**
     * Brings OpenSSH's server to a host with Windows, starts it, and lets connections in. No part
     * of any cluster: it is not journalled.
     *
     * @param key a line of authorized_keys for administrators, or empty: none is added
     */
    static RemoteCommand enableSsh(String key) {
        return new WindowsAgent().enableSsh(key);
    }

    /** Reads facts. */
    RemoteCommand facts();

    /** Says what steps would do, and changes nothing. */
    RemoteCommand check(List<Change> changes);

    /**
     * Starts a program that makes changes, and follows it.
     *
     * @param id unique on the host
     * @param last whether it is the run's last on this host: the lease ends with it
     */
    RemoteCommand apply(
            String id, Session session, boolean last, List<Change> changes, RunSecrets secrets);

    /**
     * Starts a program that reverts all that the journal names, and follows it.
     *
     * @param force also what was altered since
     */
    RemoteCommand revert(String id, Session session, boolean force);

    /** Follows a program that was started before, without its first events. */
    RemoteCommand follow(String id, int events);

    /** Asks a program to end after the step that runs. */
    RemoteCommand stop(String id);

    /** Where a file of this checksum is to be uploaded. */
    String uploadPath(Sha256 sha256);
}
