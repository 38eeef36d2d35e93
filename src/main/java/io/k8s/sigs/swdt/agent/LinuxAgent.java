package io.k8s.sigs.swdt.agent;

import io.k8s.sigs.swdt.connection.RemoteCommand;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.value.Sha256;
import java.util.List;

/** The agent of hosts with Linux: a library for sh. */
record LinuxAgent() implements Agent {

    @Override
    public RemoteCommand facts() {
        return Bootstrap.read(LinuxPrograms.facts());
    }

    @Override
    public RemoteCommand check(List<Change> changes) {
        return Bootstrap.read(LinuxPrograms.check(changes));
    }

    @Override
    public RemoteCommand apply(
            String id, Session session, boolean last, List<Change> changes, RunSecrets secrets) {
        return Bootstrap.start(id, LinuxPrograms.apply(session, last, changes, secrets));
    }

    @Override
    public RemoteCommand revert(String id, Session session, boolean force) {
        return Bootstrap.start(id, LinuxPrograms.revert(session, force));
    }

    @Override
    public RemoteCommand follow(String id, int events) {
        return Bootstrap.follow(id, events);
    }

    @Override
    public RemoteCommand stop(String id) {
        return Bootstrap.stop(id);
    }

    @Override
    public String uploadPath(Sha256 sha256) {
        return LinuxPrograms.STATE + "/files/" + sha256.hex();
    }
}
