/** Runs a plan: one lane per host, links between hosts, cancellation, events. */
@NullMarked
package io.k8s.sigs.swdt.engine;

import org.jspecify.annotations.NullMarked;
