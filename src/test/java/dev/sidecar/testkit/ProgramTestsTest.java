package dev.sidecar.testkit;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.OnlyIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.sidecar.SidecarApplication;
import java.util.Set;
import org.springframework.boot.test.context.SpringBootTest;

/** No test that starts a program slips into the quick run. */
@AnalyzeClasses(packages = "dev.sidecar", importOptions = OnlyIncludeTests.class)
class ProgramTestsTest {

    private static final Set<String> STARTERS = Set.of(Sidecar.class.getName(), SidecarProcess.class.getName(),
            HelmProcess.class.getName(), RedisServer.class.getName(), Chromium.class.getName(),
            SidecarApplication.class.getName(),
            SpringBootTest.class.getName(),
            ProcessBuilder.class.getName());

    @ArchTest
    static final ArchRule testsThatStartProgramsSaySo = classes()
            .that(describe("are tests", type -> outermost(type).getSimpleName().endsWith("Test")))
            .and().doNotBelongToAnyOf(ProgramTestsTest.class).should(sayThatTheyStartPrograms());

    private static ArchCondition<JavaClass> sayThatTheyStartPrograms() {
        return new ArchCondition<>("have @ProgramTest when they start a program") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (var dependency : type.getDirectDependenciesFromSelf()) {
                    var starts = STARTERS.contains(dependency.getTargetClass().getName());
                    if (starts && !outermost(type).isAnnotatedWith(ProgramTest.class)) {
                        events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static JavaClass outermost(JavaClass type) {
        var outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }
}
