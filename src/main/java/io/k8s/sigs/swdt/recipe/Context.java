package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.artifact.ArtifactSet;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.host.Facts;

/**
 * All that a recipe looks at.
 *
 * @param cluster the cluster file
 * @param node the node that the changes are for
 * @param facts what its host is today
 * @param artifacts all files of the run, pinned
 */
public record Context(Cluster cluster, Cluster.Node node, Facts facts, ArtifactSet artifacts) {}
