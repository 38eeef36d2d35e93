/** Small immutable values that parse and check themselves; the ground floor, used by every room. */
@NullMarked
package io.k8s.sigs.swdt.value;

import org.jspecify.annotations.NullMarked;
