package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * All steps of a Linux node in their order. What another host waits for comes as early as it can: the
 * control plane is initialised before images that only pods need are there.
 */
public final class LinuxNode {

    private final List<String> controlPlaneImages;
    private final List<String> nodeImages;
    private final String flannelManifest;

    /**
     * @param controlPlaneImages references of the images that {@code kubeadm init} needs, pause first
     * @param nodeImages references of the images that pods on any node need, pause first
     * @param flannelManifest the publisher's kube-flannel.yml
     */
    public LinuxNode(
            List<String> controlPlaneImages, List<String> nodeImages, String flannelManifest) {
        this.controlPlaneImages = List.copyOf(controlPlaneImages);
        this.nodeImages = List.copyOf(nodeImages);
        this.flannelManifest = flannelManifest;
    }

    /**
     * @param joins whether a node is to join in this run, so that a token is needed
     */
    public List<Step> steps(Context context, boolean joins) {
        List<Step> steps = new ArrayList<>();
        List<Change> prepare = new ArrayList<>();
        prepare.addAll(new LinuxBase().changes(context));
        prepare.addAll(new ContainerdRuntime(nodeImages.getFirst()).changes(context));
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
        images(context, controlPlaneImages).forEach(c -> steps.add(Step.of(c)));
        steps.add(Step.of(init));
        steps.add(Step.of(Flannel.manifest(context.cluster(), flannelManifest)));
        if (joins) {
            steps.add(Step.of(new Change.Token()));
        }
        nodeImages.stream()
                .filter(i -> !controlPlaneImages.contains(i))
                .flatMap(i -> images(context, List.of(i)).stream())
                .forEach(c -> steps.add(Step.of(c)));
    }

    private void worker(Context context, List<Step> steps) {
        images(context, nodeImages).forEach(c -> steps.add(Step.of(c)));
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

    private static List<Change> images(Context context, List<String> references) {
        List<Change> changes = new ArrayList<>();
        for (String reference : references) {
            context.artifacts()
                    .image(reference, context.facts().platform())
                    .ifPresent(a -> changes.add(new Change.ContainerImage(reference, a)));
        }
        return changes;
    }
}
