/** The plan of a run: changes, stretches and their order. Pure data. */
@NullMarked
package io.k8s.sigs.swdt.plan;

import org.jspecify.annotations.NullMarked;
