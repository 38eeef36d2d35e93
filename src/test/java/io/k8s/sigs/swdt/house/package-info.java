/** The rules of the house (docs/design.md 3), as tests. */
@NullMarked
package io.k8s.sigs.swdt.house;

import org.jspecify.annotations.NullMarked;
