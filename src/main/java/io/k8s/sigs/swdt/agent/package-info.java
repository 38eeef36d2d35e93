/** Renders plans as programs for the agent on a host, and reads the events that it sends back. */
@NullMarked
package io.k8s.sigs.swdt.agent;

import org.jspecify.annotations.NullMarked;
