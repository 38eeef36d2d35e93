/** The use cases: create, destroy, status, test, get. Orchestration only. */
@NullMarked
package io.k8s.sigs.swdt.cluster;

import org.jspecify.annotations.NullMarked;
