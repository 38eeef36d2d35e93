package io.k8s.sigs.swdt.engine;

import io.k8s.sigs.swdt.agent.Agent;
import io.k8s.sigs.swdt.connection.Connection;

/**
 * A host as the engine has it.
 *
 * @param connection the way there
 * @param agent what to say there
 */
public record Remote(Connection connection, Agent agent) {}
