package io.k8s.sigs.swdt.agent;

import java.util.List;

/**
 * Who runs a program, for the owner record and the lease on the host.
 *
 * @param cluster the cluster's name
 * @param uid the cluster's unique id
 * @param version swdt's version
 * @param run this run's id
 * @param over runs whose leases may be taken over: hosts may have those of different runs
 * @param holder who runs, for people, e.g. {@code anna@laptop, process 4711, create}
 * @param leaseSeconds how long the lease outlives the last step
 */
public record Session(
        String cluster,
        String uid,
        String version,
        String run,
        List<String> over,
        String holder,
        int leaseSeconds) {

    public Session {
        over = List.copyOf(over);
    }

    List<String> opening() {
        return List.of(
                LinuxPrograms.words(
                        "lease",
                        run,
                        String.join(" ", over),
                        Integer.toString(leaseSeconds),
                        holder),
                LinuxPrograms.words("own", cluster, uid, version));
    }
}
