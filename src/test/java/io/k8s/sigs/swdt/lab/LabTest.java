package io.k8s.sigs.swdt.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that needs hosts of the lab: tagged {@code lab}, skipped where the machine can't run
 * one, and given a {@link Lab} wherever a constructor, a {@code @BeforeAll} or a test takes one.
 * The hosts live as long as the outermost class.
 */
@Tag("lab")
@ExtendWith(LabExtension.class)
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface LabTest {

    /** Whether it needs Windows-like hosts, too. */
    boolean windows() default false;
}
