/** What stays after a run: the run log. */
@NullMarked
package io.k8s.sigs.swdt.report;

import org.jspecify.annotations.NullMarked;
