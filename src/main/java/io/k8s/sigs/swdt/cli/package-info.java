/** The command line: one thin class per command, named exit codes. */
@NullMarked
package io.k8s.sigs.swdt.cli;

import org.jspecify.annotations.NullMarked;
