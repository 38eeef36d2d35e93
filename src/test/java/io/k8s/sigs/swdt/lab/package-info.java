/**
 * Throw-away hosts for tests: the folder {@code lab/} driven from JUnit. A class that carries
 * {@link io.k8s.sigs.swdt.lab.LabTest} takes a {@link io.k8s.sigs.swdt.lab.Lab} as a parameter.
 */
@NullMarked
package io.k8s.sigs.swdt.lab;

import org.jspecify.annotations.NullMarked;
