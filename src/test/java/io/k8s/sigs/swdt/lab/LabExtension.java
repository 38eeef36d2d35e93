package io.k8s.sigs.swdt.lab;

import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test classes their {@link Lab}, one for each outermost class, closed when that class has
 * ended, however it ended. Where the machine can't be a lab the class is skipped, and the reason is
 * said once in a run.
 */
public final class LabExtension implements ExecutionCondition, ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(LabExtension.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean windows =
                context.getTestClass()
                        .map(LabExtension::outermost)
                        .map(c -> c.getAnnotation(LabTest.class))
                        .filter(LabTest::windows)
                        .isPresent();
        Optional<String> obstacle = LabRun.obstacle("linux");
        if (windows && obstacle.isEmpty()) {
            obstacle = LabRun.obstacle("windows");
        }
        return obstacle.isPresent()
                ? ConditionEvaluationResult.disabled("lab tests are skipped: " + obstacle.get())
                : ConditionEvaluationResult.enabled("the machine can be a lab");
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Lab.class;
    }

    @Override
    public Lab resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // a store closes what it holds when its context ends
        return outermostClass(context)
                .getStore(NAMESPACE)
                .computeIfAbsent(Lab.class, key -> new Lab(LabRun.get()), Lab.class);
    }

    private static Class<?> outermost(Class<?> inner) {
        Class<?> outer = inner;
        while (outer.getEnclosingClass() != null) {
            outer = outer.getEnclosingClass();
        }
        return outer;
    }

    private static ExtensionContext outermostClass(ExtensionContext context) {
        ExtensionContext outermost = context;
        while (outermost.getParent().filter(p -> p.getTestClass().isPresent()).isPresent()) {
            outermost = outermost.getParent().orElseThrow();
        }
        return outermost;
    }
}
