package dev.sidecar.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that starts the sidecar, a browser or another program. It runs in {@code ./mvnw verify}, and in
 * {@code ./mvnw test} only when it is named there. {@link LeakCheck} looks at what it leaves behind.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("program")
@ExtendWith(LeakCheck.class)
public @interface ProgramTest {
}
