/** Files that swdt brings to hosts: catalog, sources, cache, mirror, checksums, lock file. */
@NullMarked
package io.k8s.sigs.swdt.artifact;

import org.jspecify.annotations.NullMarked;
