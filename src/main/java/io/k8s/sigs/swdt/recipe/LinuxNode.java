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

    // what the pods of any node want: kubeadm's first, then flannel's
    private static final List<String> PROXY =
            List.of("registry.k8s.io/pause", "registry.k8s.io/kube-proxy");
    private static final List<String> FLANNEL =
            List.of("ghcr.io/flannel-io/flannel-cni-plugin", "ghcr.io/flannel-io/flannel");
    private static final List<String> CONTROL_PLANE =
            List.of(
                    "registry.k8s.io/etcd",
                    "registry.k8s.io/kube-apiserver",
                    "registry.k8s.io/kube-controller-manager",
                    "registry.k8s.io/kube-scheduler");
    private static final String DNS = "registry.k8s.io/coredns/coredns";
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
        ContainerdRuntime containerd = new ContainerdRuntime(pause(context));
        KubernetesPrograms kubernetes = new KubernetesPrograms();
        List<Change> node = new ArrayList<>(new LinuxBase().changes(context));
        node.addAll(containerd.changes(context));
        node.addAll(kubernetes.changes(context));
        if (context.cluster().hasWindows() && !context.cluster().network().hostGateway()) {
            node.add(Flannel.link());
        }
        node.add(new Change.PodTraces());
        node.addAll(images(context, PROXY));
        List<Change> tools = new ArrayList<>();
        tools.add(kubernetes.kubectl(context));
        tools.add(containerd.crictl(context));
        return context.node().role() == Cluster.Role.CONTROL_PLANE
                ? controlPlane(context, joins, node, tools)
                : worker(context, node, tools);
    }

    // no image may be missing when a pod asks for it: a failed pull is tried again only after 10 s
    private List<Step> controlPlane(
            Context context, boolean joins, List<Change> node, List<Change> tools) {
        List<Change> changes = new ArrayList<>(node);
        changes.addAll(images(context, CONTROL_PLANE));
        // kubeadm's preflight pulls it as well
        changes.addAll(images(context, List.of(DNS)));
        changes.add(Kubeadm.init(context));
        changes.addAll(tools);
        if (joins) {
            changes.add(new Change.Token());
        }
        changes.addAll(images(context, FLANNEL));
        changes.add(Flannel.manifest(context.cluster(), flannelManifest));
        if (context.cluster().hasWindows()) {
            changes.add(Flannel.accounts());
        }
        changes.addAll(images(context, List.of(TEST)));
        return changes.stream().map(Step::of).toList();
    }

    private List<Step> worker(Context context, List<Change> node, List<Change> tools) {
        List<Change> changes = new ArrayList<>(node);
        changes.addAll(images(context, FLANNEL));
        changes.addAll(images(context, List.of(DNS)));
        changes.addAll(tools);
        List<Step> steps = new ArrayList<>(changes.stream().map(Step::of).toList());
        String controlPlane = context.cluster().controlPlane().name();
        steps.add(
                new Step(
                        Kubeadm.join(context),
                        List.of(new Step.Link(controlPlane, new Change.Token().key()))));
        images(context, List.of(TEST)).forEach(c -> steps.add(Step.of(c)));
        return steps;
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
