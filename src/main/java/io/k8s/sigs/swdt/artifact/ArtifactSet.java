package io.k8s.sigs.swdt.artifact;

import java.util.Map;
import java.util.Optional;

/**
 * All artifacts of a run, pinned. Pure data, made before the plan.
 *
 * @param files by {@code name platform}, e.g. {@code kubelet linux/amd64}
 * @param images archives of container images, by {@code reference platform}; empty where hosts pull
 *     images themselves
 */
public record ArtifactSet(Map<String, Artifact> files, Map<String, Artifact> images) {

    public ArtifactSet {
        files = Map.copyOf(files);
        images = Map.copyOf(images);
    }

    /**
     * @throws IllegalArgumentException if the catalog has no such file: a fault of the program
     */
    public Artifact file(String name, String platform) {
        Artifact found = files.get(name + " " + platform);
        if (found == null) {
            throw new IllegalArgumentException("no artifact " + name + " for " + platform);
        }
        return found;
    }

    /**
     * The archive of an image, by repository: which tag a mirror holds is its own affair.
     *
     * @param repository e.g. {@code registry.k8s.io/pause}
     */
    public Optional<Artifact> image(String repository, String platform) {
        return images.values().stream()
                .filter(a -> a.platform().equals(platform))
                .filter(a -> a.name().startsWith(repository + ":"))
                .findFirst();
    }
}
