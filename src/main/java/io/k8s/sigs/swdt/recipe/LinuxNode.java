package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * All steps of a Linux node in their order. What another host waits for comes as early as it can:
 * the control plane is initialised before images that only pods need are there.
 */
public final class LinuxNode {

    // what a cluster cannot start without comes first: pods, then the control plane, then what only
    // runs once nodes are ready
    private static final List<String> ANY_NODE =
            List.of(
                    "registry.k8s.io/pause",
                    "registry.k8s.io/kube-proxy",
                    "ghcr.io/flannel-io/flannel-cni-plugin",
                    "ghcr.io/flannel-io/flannel",
                    "registry.k8s.io/coredns/coredns");
    private static final List<String> CONTROL_PLANE =
            List.of(
                    "registry.k8s.io/pause",
                    "registry.k8s.io/etcd",
                    "registry.k8s.io/kube-apiserver",
                    "registry.k8s.io/kube-controller-manager",
                    "registry.k8s.io/kube-scheduler",
                    "registry.k8s.io/kube-proxy",
                    "registry.k8s.io/coredns/coredns");
    private static final String TEST = "registry.k8s.io/e2e-test-images/agnhost";
    private static final String DEFAULT_PAUSE = "registry.k8s.io/pause:3.10.2";

    private final String flannelManifest;

    /**
     * @param flannelManifest the publisher's kube-flannel.yml
     */
    public LinuxNode(String flannelManifest) {
        this.flannelManifest = flannelManifest;
    }

    /**
     * @param joins whether a node is to join in this run, so that a token is needed
     */
    public List<Step> steps(Context context, boolean joins) {
        List<Step> steps = new ArrayList<>();
        List<Change> prepare = new ArrayList<>();
        prepare.addAll(new LinuxBase().changes(context));
        prepare.addAll(new ContainerdRuntime(pause(context)).changes(context));
        prepare.addAll(new KubernetesPrograms().changes(context));
        prepare.add(new Change.PodTraces());
        prepare.forEach(c -> steps.add(Step.of(c)));
        if (context.node().role() == Cluster.Role.CONTROL_PLANE) {
            controlPlane(context, joins, steps);
        } else {
            worker(context, steps);
        }
        return steps;
    }

    private void controlPlane(Context context, boolean joins, List<Step> steps) {
        Change.KubeadmInit init = Kubeadm.init(context);
        images(context, CONTROL_PLANE).forEach(c -> steps.add(Step.of(c)));
        steps.add(Step.of(init));
        if (joins) {
            steps.add(Step.of(new Change.Token()));
        }
        steps.add(Step.of(Flannel.manifest(context.cluster(), flannelManifest)));
        ANY_NODE.stream()
                .filter(i -> !CONTROL_PLANE.contains(i))
                .flatMap(i -> images(context, List.of(i)).stream())
                .forEach(c -> steps.add(Step.of(c)));
        images(context, List.of(TEST)).forEach(c -> steps.add(Step.of(c)));
    }

    private void worker(Context context, List<Step> steps) {
        images(context, ANY_NODE).forEach(c -> steps.add(Step.of(c)));
        images(context, List.of(TEST)).forEach(c -> steps.add(Step.of(c)));
        Cluster.Node controlPlane = context.cluster().controlPlane();
        steps.add(
                new Step(
                        Kubeadm.join(context),
                        List.of(new Step.Link(controlPlane.name(), new Change.Token().key()))));
    }

    /** What ends a run with joins: the token goes once these workers have joined. */
    public static Step end(List<Cluster.Node> joining) {
        return new Step(
                new Change.TokenGone(),
                joining.stream().map(n -> new Step.Link(n.name(), "kubeadm join")).toList());
    }

    private static String pause(Context context) {
        return context.artifacts()
                .image("registry.k8s.io/pause", context.facts().platform())
                .map(Artifact::name)
                .orElse(DEFAULT_PAUSE);
    }

    private static List<Change> images(Context context, List<String> repositories) {
        List<Change> changes = new ArrayList<>();
        for (String repository : repositories) {
            context.artifacts()
                    .image(repository, context.facts().platform())
                    .ifPresent(a -> changes.add(new Change.ContainerImage(a.name(), a)));
        }
        return changes;
    }
}
