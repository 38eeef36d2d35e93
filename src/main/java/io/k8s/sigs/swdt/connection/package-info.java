/** Ways to reach a host: run a command with standard input, stream its lines, upload files. */
@NullMarked
package io.k8s.sigs.swdt.connection;

import org.jspecify.annotations.NullMarked;
