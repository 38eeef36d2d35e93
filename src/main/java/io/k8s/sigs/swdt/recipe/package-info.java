/**
 * All knowledge about operating systems, container runtimes, networks and Kubernetes, as pure
 * functions from cluster, node and facts to changes.
 */
@NullMarked
package io.k8s.sigs.swdt.recipe;

import org.jspecify.annotations.NullMarked;
