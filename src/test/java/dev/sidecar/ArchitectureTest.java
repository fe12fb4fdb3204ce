package dev.sidecar;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.sidecar.boot.faststart.CamelContextInjection;
import dev.sidecar.boot.faststart.ProxyFirstContext;
import org.apache.camel.BeanConfigInject;
import org.apache.camel.BeanInject;
import org.apache.camel.BindToRegistry;
import org.apache.camel.Consume;
import org.apache.camel.EndpointInject;
import org.apache.camel.Produce;
import org.apache.camel.PropertyInject;
import org.springframework.context.event.EventListener;

/** The walls between the rooms. */
@AnalyzeClasses(packages = "dev.sidecar", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule the_throttle_knows_nobody = noClasses().that().resideInAPackage("dev.sidecar.throttle..")
            .should().dependOnClassesThat().resideInAnyPackage("org.apache.camel..", "org.springframework..",
                    "io.vertx..", "io.netty..", "org.apache.hc..", "dev.sidecar.config..", "dev.sidecar.relay..",
                    "dev.sidecar.route..", "dev.sidecar.ops..", "dev.sidecar.traffic..", "dev.sidecar.demo..",
                    "dev.sidecar.proving..", "dev.sidecar.provider..");

    @ArchTest
    static final ArchRule only_the_application_knows_route_ops_and_demo = noClasses().that()
            .resideInAnyPackage("dev.sidecar.config..", "dev.sidecar.relay..", "dev.sidecar.traffic..",
                    "dev.sidecar.throttle..", "dev.sidecar.provider..")
            .should().dependOnClassesThat()
            .resideInAnyPackage("dev.sidecar.route..", "dev.sidecar.ops..", "dev.sidecar.demo..");

    @ArchTest
    static final ArchRule route_ops_and_demo_know_nothing_of_each_other = slices()
            .matching("dev.sidecar.(route|ops|demo)..").should().notDependOnEachOther();

    @ArchTest
    static final ArchRule requests_are_not_served_by_the_proving_ground = noClasses().that()
            .resideInAnyPackage("dev.sidecar.config..", "dev.sidecar.relay..", "dev.sidecar.traffic..",
                    "dev.sidecar.route..")
            .should().dependOnClassesThat().resideInAPackage("dev.sidecar.proving..");

    @ArchTest
    static final ArchRule no_cycles_between_packages = slices().matching("dev.sidecar.(*)..").should()
            .beFreeOfCycles();

    /** {@code ProxyFirstContext} does without the bean that would look for them. */
    @ArchTest
    static final ArchRule listeners_implement_the_interface = noMethods().should()
            .beAnnotatedWith(EventListener.class);

    /** {@code CamelContextInjection} looks for none of them. */
    @ArchTest
    static final ArchRule nothing_is_injected_by_camel_s_annotations = noClasses().should()
            .dependOnClassesThat().belongToAnyOf(Produce.class, EndpointInject.class, PropertyInject.class,
                    BeanInject.class, BeanConfigInject.class, BindToRegistry.class, Consume.class);

    @ArchTest
    static final ArchRule static_fields_are_final = fields().that().areStatic().and()
            .doNotHaveName("$assertionsDisabled")
            .should().beFinal().andShould(notHoldChangingState());

    /** A final reference to something that changes is state all the same. */
    private static ArchCondition<JavaField> notHoldChangingState() {
        return new ArchCondition<>("not hold state that changes") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                var type = field.getRawType();
                var changes = type.getPackageName().startsWith("java.util.concurrent.atomic")
                        || type.isAssignableTo(ThreadLocal.class) || type.getSimpleName().equals("ConcurrentHashMap");
                events.add(new SimpleConditionEvent(field, !changes, field.getFullName() + " is " + type.getName()));
            }
        };
    }
}
